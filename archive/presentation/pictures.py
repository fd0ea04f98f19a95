"""What a page needs in order to show a picture, or to say that its file is gone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse

from archive.files.further_pages import page_sizes
from archive.files.page_responses import PAGE
from archive.files.renditions import rendition_file
from archive.files.storage import Area, StoredFile
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


def original_picture(photo: Photo, kind: str, *, for_guests: bool = False, page: int = 1) -> ShownPicture:
    """The rendition (a Rendition.Kind) of a page of the photo's original. Needs `photo.original`."""
    original = photo.original
    name = "archive:guest_rendition" if for_guests else "archive:rendition"
    shown = picture_of_page(
        StoredFile(Area.ORIGINALS, original.sha256),
        kind,
        page,
        first=(original.width, original.height),
        rendition=reverse(name, args=[photo.pk, kind]),
        zoom=reverse("archive:guest_zoom" if for_guests else "archive:zoom", args=[photo.pk]),
    )
    return replace(shown, alt=str(photo))


def picture_of_page(
    source: StoredFile,
    kind: str,
    page: int,
    *,
    first: tuple[int | None, int | None],
    rendition: str,
    zoom: str,
) -> ShownPicture:
    """A page of a stored picture, whose first is `first` pixels wide and high, at these addresses."""
    width, height = first if page == 1 else dict(enumerate(page_sizes(source), 1)).get(page, (None, None))
    # Of a further page it is made when it is asked for.
    is_there = width if page > 1 else rendition_file(source.sha256, Rendition.Kind(kind)).seems_there()
    is_large = kind == Rendition.Kind.WEB and needs_tiles(width or 0, height or 0)
    return ShownPicture(
        with_page(rendition, page) if is_there else None,
        width,
        height,
        alt="",
        zoom=with_page(zoom, page) if is_large else None,
    )


def with_page(address: str, page: int) -> str:
    """The same for a page of the file; nothing stands for the first."""
    if page == 1:
        return address
    return f"{address}{'&' if '?' in address else '?'}{PAGE}={page}"
