"""The gallery of a collection. Reads are QuerySets, writes are services; here they meet HTTP."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from archive.errors import InputError
from archive.forms import UploadForm
from archive.models import Collection
from archive.signed_in import SignedInRequest, signed_in_poll
from restoration.models import GalleryPhoto
from restoration.photo_orders import PhotoOrder, in_order
from restoration.photo_states import PhotoState, count_states, in_state
from restoration.querysets import GalleryPhotoQuerySet, photos_for_gallery
from restoration.services import ingest_and_restore

PHOTOS_PER_PAGE = 48


@login_required
@require_safe
def collection_detail(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The gallery: photos with the state of their restoration, a page at a time; all or those in one state,
    newest first or in another order.
    """
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    photos = photos_for_gallery(request.user, collection)
    choice = _choice(request)
    chosen: PhotoState | None = choice["chosen"]
    shown = in_order(in_state(photos, chosen) if chosen else photos, choice["order"])
    context = {
        "can_upload": Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists(),
        "page": Paginator(shown, PHOTOS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(
        request, "restoration/collection_detail.html", context | _filters(collection, photos) | choice
    )


@signed_in_poll
@require_safe
def gallery_changes(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The cards of the photos named by `active`, and the counts; polling ends when none of them moves."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    photos = photos_for_gallery(request.user, collection)
    named = _uuids(request.GET.getlist("active")[:PHOTOS_PER_PAGE])
    asked = cast("list[GalleryPhoto]", list(photos.filter(pk__in=named)))
    context = {"photos": asked} | _filters(collection, photos) | _choice(request)
    response = render(request, "restoration/_gallery_changes.html", context)
    if any(photo.latest_restoration and photo.latest_restoration.is_active for photo in asked):
        return response
    return HttpResponseStopPolling(response.content)


@login_required
@require_POST
def photo_upload(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Takes files into the collection.

    A script sends one at a time and gets the card (201) or `{"code", "message"}` (400); a plain form sends
    any number and comes back to the gallery.
    """
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        message = " ".join(map(str, form.errors["file"]))
        if by_script:
            return JsonResponse({"code": "invalid", "message": message}, status=400)
        messages.error(request, message)
        return redirect("restoration:collection_detail", collection.pk)
    for file in form.cleaned_data["file"]:
        try:
            photo = ingest_and_restore(
                collection=collection, uploaded_by=request.user, file=file, filename=file.name
            )
        except InputError as error:
            if by_script:
                return JsonResponse({"code": error.code, "message": error.message}, status=400)
            messages.error(request, f"{file.name}: {error.message}")
        else:
            if by_script:
                card = photos_for_gallery(request.user, collection).get(pk=photo.pk)
                context = {"photo": card, "order": PhotoOrder.NEWEST}
                return render(request, "restoration/_card.html", context, status=201)
    return redirect("restoration:collection_detail", collection.pk)


def _filters(collection: Collection, photos: GalleryPhotoQuerySet) -> dict[str, Any]:
    """The counts of restoration/_filters.html."""
    counts = count_states(photos)
    return {"collection": collection, "counts": list(counts.items()), "total": sum(counts.values())}


def _choice(request: SignedInRequest) -> dict[str, Any]:
    """What the address chooses: `chosen` state (None: all) and `order`; other words choose nothing.

    `query` is the same for links between pages, the other two for links that change one and keep the other.
    """
    state, sort = request.GET.get("state"), request.GET.get("sort")
    chosen = PhotoState(state) if state in PhotoState.values else None
    order = PhotoOrder(sort) if sort in PhotoOrder.values else PhotoOrder.NEWEST
    by_state = {"state": chosen.value} if chosen else {}
    by_order = {"sort": order.value} if order != PhotoOrder.NEWEST else {}
    return {
        "chosen": chosen,
        "order": order,
        "orders": list(PhotoOrder),
        "query": _query(by_state | by_order),
        "state_query": _query(by_state),
        "order_query": _query(by_order),
    }


def _query(parameters: dict[str, str]) -> str:
    """Parameters of an address that others may follow: `state=failed&`, or nothing."""
    return f"{urlencode(parameters)}&" if parameters else ""


def _uuids(values: list[str]) -> list[UUID]:
    """The values that are identifiers; whoever sends others gets no cards for them."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
