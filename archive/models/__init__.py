"""Collections, their members and photos, the files behind the photos, and what happened to them."""

from archive.models.access import ApiToken, Invitation, ShareLink
from archive.models.collections import Collection, Level, Lineage, Membership
from archive.models.events import ChainLink, Event
from archive.models.finding import CatalogueEntry
from archive.models.fixity import SHELVES, FixityFinding, FixityRun
from archive.models.ingest import ImportItem, ImportRun, Upload
from archive.models.metadata_imports import MetadataImport, MetadataRow
from archive.models.people import Profile
from archive.models.photos import Original, Photo, Rendition, is_sha256
from archive.models.tags import Tag, tag_key

__all__ = [
    "SHELVES",
    "ApiToken",
    "CatalogueEntry",
    "ChainLink",
    "Collection",
    "Event",
    "FixityFinding",
    "FixityRun",
    "ImportItem",
    "ImportRun",
    "Invitation",
    "Level",
    "Lineage",
    "Membership",
    "MetadataImport",
    "MetadataRow",
    "Original",
    "Photo",
    "Profile",
    "Rendition",
    "ShareLink",
    "Tag",
    "Upload",
    "is_sha256",
    "tag_key",
]
