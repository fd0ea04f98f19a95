"""Photos as a gallery shows them, with everything that their card says: the template only writes it down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from archive.files.renditions import rendition_file
from archive.models import Rendition
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.change_reports import in_numbers
from restoration.presentation.photo_states import PhotoState, state_of

NARROWEST, WIDEST = 0.67, 3.0
"""Ratios of width and height between which a card is as its picture is; beyond, it stands on its colour."""

_NOWHERE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class GalleryCard:
    """One photo in a gallery.

    `picture`: address of the small picture, None where its file is missing. `before`: that of the original,
    where `picture` is a restoration. `ratio`: "1.33", width by height in four characters, from NARROWEST to
    WIDEST. `colour`: what stands there until the picture does; may be empty. `measured`: what the gallery is
    ordered by; may be empty. `progress`: per cent, of what waits or runs; None otherwise.
    """

    key: UUID
    name: str
    filename: str
    address: str
    collection: str
    state: str
    label: str
    choose: str
    picture: str | None
    before: str
    width: int
    height: int
    ratio: str
    colour: str
    measured: str
    progress: int | None


def cards_of(
    photos: Iterable[GalleryPhoto], *, order: str = "", for_guests: bool = False
) -> list[GalleryCard]:
    """The cards of photos that came with `latest_restoration`. No queries.

    `order`: the gallery's, whose measure is shown. `for_guests`: pictures at addresses that guests may open.
    """
    labels = {state: str(state.label) for state in PhotoState}
    choose = gettext("Choose %(photo)s")
    page = _Address("restoration:guest_photo" if for_guests else "restoration:photo_detail")
    original = _Address("archive:guest_rendition" if for_guests else "archive:rendition", "thumbnail")
    result = _Address(
        "restoration:guest_result_rendition" if for_guests else "restoration:result_rendition", "thumbnail"
    )
    cards = []
    for photo in photos:
        restoration = photo.latest_restoration
        state = state_of(restoration)
        before, picture = "", _if_there(photo.original.sha256, original.of(photo.pk))
        width, height = photo.original.width, photo.original.height
        if restoration and state in (PhotoState.UNREVIEWED, PhotoState.APPROVED):
            before, picture = picture or "", _if_there(restoration.result_sha256, result.of(restoration.pk))
            width, height = restoration.result_width or width, restoration.result_height or height
        name = str(photo)
        cards.append(
            GalleryCard(
                key=photo.pk,
                name=name,
                filename=photo.filename,
                address=page.of(photo.pk),
                collection=photo.collection.title,
                state=state.value,
                label=labels[state],
                choose=choose % {"photo": name},
                picture=picture,
                before=before,
                width=width,
                height=height,
                ratio=f"{min(max(width / height, NARROWEST), WIDEST):.2f}",
                colour=photo.original.colour,
                measured=in_numbers(restoration, order) if restoration and order else "",
                progress=_progress(restoration),
            )
        )
    return cards


class _Address:
    """Addresses that differ in one key: asked for once, since a page has very many of them."""

    def __init__(self, name: str, *more: str) -> None:
        self._before, self._after = reverse(name, args=[_NOWHERE, *more]).split(str(_NOWHERE))

    def of(self, key: UUID) -> str:
        return f"{self._before}{key}{self._after}"


def _if_there(sha256: str, address: str) -> str | None:
    return address if rendition_file(sha256, Rendition.Kind.THUMBNAIL).seems_there() else None


def _progress(restoration: Restoration | None) -> int | None:
    return restoration.progress if restoration and restoration.is_active else None
