"""What visitors are shown, restorations or originals as they choose, and how a page presents itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from archive.access.visitors import Guest
from archive.finding.criteria import criteria_of
from archive.finding.pages import page_of, place_of
from archive.models import CatalogueEntry, Collection, Photo
from archive.presentation.addresses import absolute
from restoration.models import GalleryPhoto
from restoration.presentation.share_pictures import SIZE

SHOWN_COOKIE = "shown"
ORIGINALS = "originals"


def wants_originals(request: HttpRequest) -> bool:
    """Whether this visitor has chosen to see originals where there are restorations."""
    return request.COOKIES.get(SHOWN_COOKIE) == ORIGINALS


@dataclass(frozen=True, slots=True)
class ShareCard:
    """How a public page presents itself in search engines and where people pass its address on.

    `address`: whole, and always the same for the same thing. `picture`: whole address of a JPEG of `size`;
    None where there is none.
    """

    title: str
    description: str
    address: str
    picture: str | None
    picture_alt: str
    width: int = SIZE[0]
    height: int = SIZE[1]


def card_of_collection(collection: Collection, cover: Photo | None, request: HttpRequest) -> ShareCard | None:
    """The card of a public collection; None for one that only a share link opens: nothing tells of it."""
    if not is_public(collection):
        return None
    return ShareCard(
        title=collection.title,
        description=_in_short(collection.description) or _("Photographs, restored and as they came."),
        address=absolute(reverse("restoration:guest_collection", args=[collection.pk]), request),
        picture=_share_picture(cover, request) if cover else None,
        picture_alt=str(cover) if cover else "",
    )


def card_of_photo(photo: GalleryPhoto, request: HttpRequest) -> ShareCard | None:
    """As `card_of_collection`, of a photo."""
    if not is_public(photo.collection):
        return None
    return ShareCard(
        title=str(photo),
        description=_in_short(photo.description)
        or _("From the collection “%(title)s”.") % {"title": photo.collection.title},
        address=absolute(reverse("restoration:guest_photo", args=[photo.pk]), request),
        picture=_share_picture(photo, request),
        picture_alt=str(photo),
    )


def is_public(collection: Collection) -> bool:
    """Whether everybody may see it, without any share link."""
    return Collection.objects.visible_to(Guest()).filter(pk=collection.pk).exists()


def neighbours(guest: Guest, photo: Photo) -> tuple[UUID | None, UUID | None]:
    """The photos before and after this one on the pages of its collection."""
    entry = CatalogueEntry.objects.filter(photo=photo).first()
    if entry is None:
        return None, None
    criteria = criteria_of(guest, {}, photo.collection)
    place = place_of(criteria.order, entry.pk, getattr(entry, criteria.order.key))
    before = page_of(criteria, size=1, before=place).photos
    after = page_of(criteria, size=1, after=place).photos
    # Where nothing comes before, the first page is answered, which is the photo itself.
    return next((key for key in before if key != photo.pk), None), next(iter(after), None)


def _in_short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(200)


def _share_picture(photo: Photo, request: HttpRequest) -> str:
    return absolute(reverse("restoration:guest_share_picture", args=[photo.pk]), request)
