"""Restorations in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static

from archive.models import Photo
from archive.presentation.pictures import ShownPicture
from restoration.messages import warning_sentence
from restoration.models import Restoration
from restoration.presentation.comparisons import comparison_of
from restoration.presentation.file_pages import FilePages
from restoration.presentation.photo_states import PhotoState, state_of
from restoration.presentation.pictures import result_picture
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
def sample_picture() -> ShownPicture:
    """A picture that is always there, for the styleguide."""
    return ShownPicture(static("img/favicon.svg"), 400, 300, alt="")


@register.simple_tag
def sample_pages() -> FilePages:
    """The second of three pages, for the styleguide."""
    return FilePages(2, 3, "#comparing")


@register.simple_tag
def result_rendition(restoration: Restoration, kind: str, page: int = 1) -> ShownPicture:
    """`{% result_rendition restoration "web" as after %}`; `page`: of a file that has several."""
    return result_picture(restoration, kind, page=page)


@register.inclusion_tag("components/_comparison.html")
def comparison(
    photo: Photo, restoration: Restoration | None, keys: str = "", page: int = 1
) -> dict[str, Any]:
    """`{% comparison photo restoration %}`: the original, and the result where there is one, at any size.

    `page`: the one to begin with.
    """
    return comparison_of(photo, restoration, keys=keys, page=page)


@register.simple_tag
def kept_kinds(restoration: Restoration) -> list[Kept]:
    """`{% kept_kinds restoration as kinds %}`: what was kept beside the result, each a file."""
    return list(files_of(restoration).kept)


@register.filter(name="asked_for")
def asked_for_filter(restoration: Restoration) -> str:
    """`{{ restoration|asked_for }}`: with what it was, or will be, made."""
    return asked_for(restoration)


@register.filter
def in_a_sentence(warning: dict[str, Any]) -> str:
    """`{{ warning|in_a_sentence }}`: one of a restoration's warnings."""
    return warning_sentence(warning)
