"""Pictures of the archive in templates."""

from __future__ import annotations

from typing import Any

from django import template

from archive.models import Photo
from archive.pictures import ShownPicture, original_picture

register = template.Library()


@register.simple_tag
def original_rendition(photo: Photo, kind: str) -> ShownPicture:
    """`{% original_rendition photo "web" as before %}`"""
    return original_picture(photo, kind)


@register.inclusion_tag("archive/_cover.html")
def collection_cover(collection: Any) -> dict[str, Any]:
    """The cover of a collection that came from `with_overview`."""
    return {"picture": original_picture(collection.covers[0], "thumbnail") if collection.covers else None}
