"""The photos that somebody has chosen in a gallery."""

from __future__ import annotations

from uuid import UUID

from django.http import QueryDict

from archive.access.signed_in import SignedInRequest
from archive.finding.criteria import criteria_of
from archive.models import Collection
from archive.querysets.visible import PhotoQuerySet

MOST_NAMED = 1000
"""So many photos can be named one by one; addresses have their limits."""


def chosen_photos(
    request: SignedInRequest, collection: Collection, photos: PhotoQuerySet
) -> PhotoQuerySet | None:
    """Those of `photos` that the address names by `photo`, any number of times, or with `all` those in the
    gallery of `collection` whose address ended with `found`. None where it names nothing at all; what is no
    photo's id names none.
    """
    if "all" in request.GET:
        found = criteria_of(request.user, QueryDict(request.GET.get("found", "")), collection).found()
        return photos.filter(pk__in=found.values("photo"))
    named = request.GET.getlist("photo")[:MOST_NAMED]
    return photos.filter(pk__in=[key for key in map(_uuid, named) if key]) if named else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
