"""Collections, their members and photos, the files behind the photos, and what happened to them."""

from archive.models.collections import Collection, Membership
from archive.models.events import Event
from archive.models.photos import Original, Photo, Rendition, is_sha256

__all__ = ["Collection", "Event", "Membership", "Original", "Photo", "Rendition", "is_sha256"]
