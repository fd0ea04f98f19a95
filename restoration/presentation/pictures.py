"""What a page needs in order to show a restored picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from django.urls import reverse
from django.utils.translation import gettext as _

from archive.presentation.pictures import ShownPicture, picture_of_page
from restoration.models import Restoration
from restoration.running.stored_files import Kept, kept_ending, result_file, result_suffix


def result_picture(
    restoration: Restoration, kind: str, *, for_guests: bool = False, page: int = 1
) -> ShownPicture:
    """The rendition (a Rendition.Kind) of a page of a finished restoration's result."""
    prefix = "restoration:guest_result" if for_guests else "restoration:result"
    shown = picture_of_page(
        result_file(restoration),
        kind,
        page,
        first=(restoration.result_width, restoration.result_height),
        rendition=reverse(f"{prefix}_rendition", args=[restoration.pk, kind]),
        zoom=reverse(f"{prefix}_zoom", args=[restoration.pk]),
    )
    return replace(shown, alt=_("Restored picture"))


def download_name(restoration: Restoration) -> str:
    """What a downloaded result is called: after its photo, so that the two stay together in a folder."""
    stem = PurePath(restoration.photo.filename).stem
    return f"{stem}-restored{result_suffix(restoration.result_media_type)}"


def kept_download_name(restoration: Restoration, kind: Kept) -> str:
    """What a downloaded layer, repair or hand is called: after its photo, too."""
    return f"{PurePath(restoration.photo.filename).stem}-{kind.value}{kept_ending(kind)}"
