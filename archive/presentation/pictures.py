"""What a page needs in order to show a picture, or to say that its file is gone."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from archive.files.renditions import rendition_file
from archive.models import Photo, Rendition
from archive.zooming.pyramids import needs_tiles


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """`url` is None when the file is missing. Width and height, in pixels, are those of the picture itself.

    `zoom` leads to the Deep Zoom descriptor of a picture that is larger than what is shown of it.
    """

    url: str | None
    width: int | None
    height: int | None
    alt: str
    zoom: str | None = None


def original_picture(photo: Photo, kind: str, *, for_guests: bool = False) -> ShownPicture:
    """The rendition (a Rendition.Kind) of the photo's original. Needs `photo.original`."""
    original = photo.original
    present = rendition_file(original.sha256, Rendition.Kind(kind)).seems_there()
    name = "archive:guest_rendition" if for_guests else "archive:rendition"
    url = reverse(name, args=[photo.pk, kind]) if present else None
    zoom = None
    if kind == Rendition.Kind.WEB and needs_tiles(original.width, original.height):
        zoom = reverse("archive:guest_zoom" if for_guests else "archive:zoom", args=[photo.pk])
    return ShownPicture(url, original.width, original.height, alt=str(photo), zoom=zoom)
