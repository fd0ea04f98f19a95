"""What a page needs in order to show a restored picture."""

from __future__ import annotations

from pathlib import PurePath

from django.urls import reverse
from django.utils.translation import gettext as _

from archive.files.renditions import rendition_path
from archive.models import Rendition
from archive.presentation.pictures import ShownPicture
from restoration.models import Restoration
from restoration.running.stored_files import Kept, kept_ending, result_suffix


def result_picture(restoration: Restoration, kind: str, *, for_guests: bool = False) -> ShownPicture:
    """The rendition (a Rendition.Kind) of a finished restoration's result."""
    present = rendition_path(restoration.result_sha256, Rendition.Kind(kind)).exists()
    name = "restoration:guest_result_rendition" if for_guests else "restoration:result_rendition"
    url = reverse(name, args=[restoration.pk, kind]) if present else None
    return ShownPicture(
        url=url, width=restoration.result_width, height=restoration.result_height, alt=_("Restored picture")
    )


def download_name(restoration: Restoration) -> str:
    """What a downloaded result is called: after its photo, so that the two stay together in a folder."""
    stem = PurePath(restoration.photo.filename).stem
    return f"{stem}-restored{result_suffix(restoration.result_media_type)}"


def kept_download_name(restoration: Restoration, kind: Kept) -> str:
    """What a downloaded layer, repair or hand is called: after its photo, too."""
    return f"{PurePath(restoration.photo.filename).stem}-{kind.value}{kept_ending(kind)}"
