"""What a page needs in order to show a restored picture."""

from __future__ import annotations

from pathlib import PurePath

from django.urls import reverse
from django.utils.translation import gettext as _

from archive.files.renditions import rendition_file
from archive.models import Rendition
from archive.presentation.pictures import ShownPicture
from archive.zooming.pyramids import needs_tiles
from restoration.models import Restoration
from restoration.running.stored_files import Kept, kept_ending, result_suffix


def result_picture(restoration: Restoration, kind: str, *, for_guests: bool = False) -> ShownPicture:
    """The rendition (a Rendition.Kind) of a finished restoration's result."""
    present = rendition_file(restoration.result_sha256, Rendition.Kind(kind)).seems_there()
    name = "restoration:guest_result_rendition" if for_guests else "restoration:result_rendition"
    url = reverse(name, args=[restoration.pk, kind]) if present else None
    width, height = restoration.result_width, restoration.result_height
    zoom = None
    if kind == Rendition.Kind.WEB and needs_tiles(width or 0, height or 0):
        name = "restoration:guest_result_zoom" if for_guests else "restoration:result_zoom"
        zoom = reverse(name, args=[restoration.pk])
    return ShownPicture(url, width, height, alt=_("Restored picture"), zoom=zoom)


def download_name(restoration: Restoration) -> str:
    """What a downloaded result is called: after its photo, so that the two stay together in a folder."""
    stem = PurePath(restoration.photo.filename).stem
    return f"{stem}-restored{result_suffix(restoration.result_media_type)}"


def kept_download_name(restoration: Restoration, kind: Kept) -> str:
    """What a downloaded layer, repair or hand is called: after its photo, too."""
    return f"{PurePath(restoration.photo.filename).stem}-{kind.value}{kept_ending(kind)}"
