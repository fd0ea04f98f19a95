"""What templates/components/_comparison.html shows: an original, and its restoration where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archive.models import Photo
from archive.presentation.pictures import original_picture
from restoration.models import Restoration
from restoration.presentation.file_pages import file_pages
from restoration.presentation.pictures import result_picture
from restoration.presentation.shown_layers import layers_of


def comparison_of(
    photo: Photo,
    restoration: Restoration | None,
    *,
    for_guests: bool = False,
    in_full: bool = True,
    keys: str = "",
    page: int = 1,
) -> dict[str, Any]:
    """The template's context, for a page of the photo's file. Needs `photo.original`. Without `in_full`, what
    pages show of them must do.

    With `keys="page"`, the viewer's single keys count wherever the focus is. Layers are for those who work
    here.
    """
    shown = restoration if restoration is not None and restoration.is_reviewable else None
    before = original_picture(photo, "web", for_guests=for_guests, page=page)
    after = result_picture(shown, "web", for_guests=for_guests, page=page) if shown else None
    return {
        "before": before if in_full else replace(before, zoom=None),
        "after": after if in_full or after is None else replace(after, zoom=None),
        "layers": layers_of(shown, page) if shown and not for_guests else [],
        "strength": shown.strength if shown else None,
        "keys": keys,
        "pages": file_pages(photo, restoration, page, for_guests=for_guests),
    }
