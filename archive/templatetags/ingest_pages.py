"""Photos that look alike, in templates."""

from __future__ import annotations

from typing import Any

from django import template

from archive.finding.near_duplicates import near_duplicates
from archive.models import Photo
from archive.presentation.pictures import original_picture

register = template.Library()


@register.inclusion_tag("archive/_alike.html", takes_context=True)
def photos_alike(context: Any, photo: Photo) -> dict[str, Any]:
    """Photos that the person may see and that look like `photo`; nothing where there are none."""
    found = near_duplicates(photo, context["request"].user)
    return {"found": [(near, original_picture(near.photo, "thumbnail")) for near in found]}
