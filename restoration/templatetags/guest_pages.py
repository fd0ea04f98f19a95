"""Pictures on the pages for guests, at addresses that guests may open."""

from __future__ import annotations

from typing import Any

from django import template

from archive.models import Photo
from archive.presentation.pictures import ShownPicture, original_picture
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.pictures import result_picture

register = template.Library()


@register.simple_tag
def guest_original(photo: Photo, kind: str) -> ShownPicture:
    """`{% guest_original photo "web" as before %}`"""
    return original_picture(photo, kind, for_guests=True)


@register.simple_tag
def guest_result(restoration: Restoration, kind: str) -> ShownPicture:
    """`{% guest_result restoration "web" as after %}`"""
    return result_picture(restoration, kind, for_guests=True)


@register.inclusion_tag("components/_picture.html")
def guest_picture(photo: GalleryPhoto) -> dict[str, Any]:
    """The approved restoration, which is all that guests have fetched, or else the original."""
    restoration = photo.latest_restoration
    picture = guest_result(restoration, "thumbnail") if restoration else guest_original(photo, "thumbnail")
    # The link beside it has the photo's name; saying it twice would only be longer to listen to.
    return {
        "url": picture.url,
        "width": picture.width,
        "height": picture.height,
        "alt": "",
        "shape": "square",
    }
