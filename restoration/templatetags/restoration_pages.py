"""Restorations in templates."""

from __future__ import annotations

from typing import Any

from django import template

from archive.presentation.pictures import ShownPicture, original_picture
from restoration.messages import warning_sentence
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.change_reports import in_numbers
from restoration.presentation.photo_states import PhotoState, state_of
from restoration.presentation.pictures import result_picture
from restoration.presentation.shown_layers import ShownLayer, layers_of
from restoration.presentation.versions import asked_for
from restoration.running.stored_files import Kept, files_of

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


@register.simple_tag
def shown_layers(restoration: Restoration) -> list[ShownLayer]:
    """`{% shown_layers restoration as layers %}`: what can be laid over the comparison."""
    return layers_of(restoration)


@register.simple_tag
def kept_kinds(restoration: Restoration) -> list[Kept]:
    """`{% kept_kinds restoration as kinds %}`: what was kept beside the result, each a file."""
    return list(files_of(restoration).kept)


@register.filter(name="asked_for")
def asked_for_filter(restoration: Restoration) -> str:
    """`{{ restoration|asked_for }}`: with what it was, or will be, made."""
    return asked_for(restoration)


@register.filter
def measured_for(restoration: Restoration | None, order: str) -> str:
    """`{{ restoration|measured_for:order }}`: what a gallery in this order is ordered by; else nothing."""
    return in_numbers(restoration, order) if restoration and order else ""


@register.filter
def in_a_sentence(warning: dict[str, Any]) -> str:
    """`{{ warning|in_a_sentence }}`: one of a restoration's warnings."""
    return warning_sentence(warning)


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
