"""Restorations in templates."""

from __future__ import annotations

from typing import Any

from django import template

from archive.pictures import ShownPicture, original_picture
from restoration.models import GalleryPhoto, Restoration
from restoration.photo_states import PhotoState, state_of
from restoration.pictures import result_picture

register = template.Library()


@register.simple_tag
def photo_state(restoration: Restoration | None) -> PhotoState:
    """`{% photo_state restoration as state %}`: the state of a photo whose newest restoration this is."""
    return state_of(restoration)


@register.simple_tag
def photo_states() -> list[PhotoState]:
    """Every state, for the styleguide."""
    return list(PhotoState)


@register.simple_tag
def result_rendition(restoration: Restoration, kind: str) -> ShownPicture:
    """`{% result_rendition restoration "web" as after %}`"""
    return result_picture(restoration, kind)


@register.inclusion_tag("components/_picture.html")
def gallery_picture(photo: GalleryPhoto) -> dict[str, Any]:
    """The restored picture once there is one that nobody rejected, else the original."""
    restoration = photo.latest_restoration
    if restoration and state_of(restoration) in {PhotoState.UNREVIEWED, PhotoState.APPROVED}:
        picture = result_picture(restoration, "thumbnail")
    else:
        picture = original_picture(photo, "thumbnail")
    # The link beside it has the photo's name; saying it twice would only be longer to listen to.
    return {
        "url": picture.url,
        "width": picture.width,
        "height": picture.height,
        "alt": "",
        "shape": "square",
    }
