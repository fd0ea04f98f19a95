"""What a page needs in order to show a restored picture."""

from __future__ import annotations

from pathlib import PurePath

from django.urls import reverse
from django.utils.translation import gettext as _

from archive.models import Rendition
from archive.pictures import ShownPicture
from archive.renditions import rendition_path
from restoration.models import Restoration
from restoration.results import SUFFIX


def result_picture(restoration: Restoration, kind: str) -> ShownPicture:
    """The rendition (a Rendition.Kind) of a finished restoration's result."""
    present = rendition_path(restoration.result_sha256, Rendition.Kind(kind)).exists()
    url = reverse("restoration:result_rendition", args=[restoration.pk, kind]) if present else None
    return ShownPicture(
        url=url, width=restoration.result_width, height=restoration.result_height, alt=_("Restored picture")
    )


def download_name(restoration: Restoration) -> str:
    """What a downloaded result is called: after its photo, so that the two stay together in a folder."""
    return f"{PurePath(restoration.photo.filename).stem}-restored{SUFFIX}"
