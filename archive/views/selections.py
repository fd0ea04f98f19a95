"""The photos that somebody has chosen in a gallery."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from archive.access.signed_in import SignedInRequest
from archive.finding.criteria import criteria_of
from archive.models import Collection
from archive.querysets.visible import PhotoQuerySet

MOST_NAMED = 1000
"""So many photos can be named one by one; addresses have their limits."""

MOST_KEPT = 10_000
"""So many photos can be chosen one by one and kept; whoever wants more asks for all that were found."""

SELECTIONS = 8
"""So many selections a session keeps, the newest ones."""

_SESSION_KEY = "selections"


@login_required
@require_POST
def selection(request: SignedInRequest, collection_id: UUID) -> JsonResponse:
    """Keeps the ids in `photos`, with commas between them, in the session: more than an address can hold.

    Answers `{"selection"}`, a name for them that `chosen_photos` knows.
    """
    get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    named = request.POST.get("photos", "").split(",")[:MOST_KEPT]
    name = secrets.token_urlsafe(9)
    kept = request.session.get(_SESSION_KEY, {}) | {name: [str(key) for key in uuids_in(named)]}
    request.session[_SESSION_KEY] = dict(list(kept.items())[-SELECTIONS:])
    return JsonResponse({"selection": name})


def chosen_photos(
    request: SignedInRequest, collection: Collection, photos: PhotoQuerySet
) -> PhotoQuerySet | None:
    """Those of `photos` that the address names: by `photo`, any number of times; by `selection`, what the
    session keeps under that name; or with `all` those in the gallery of `collection` whose address ended with
    `found`. None where it names nothing at all; what is no photo's id names none.
    """
    if "all" in request.GET:
        found = criteria_of(request.user, QueryDict(request.GET.get("found", "")), collection).found()
        return photos.filter(pk__in=found.values("photo"))
    named = request.GET.getlist("photo")[:MOST_NAMED]
    if name := request.GET.get("selection"):
        named = [*named, *request.session.get(_SESSION_KEY, {}).get(name, [])]
    elif not named:
        return None
    return photos.filter(pk__in=uuids_in(named))


def uuids_in(texts: Iterable[str]) -> list[UUID]:
    """Those of the texts that are identifiers; whoever sends others names nothing by them."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
