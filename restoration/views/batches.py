"""What is done with many photos of a gallery at once: each page says what will happen, and asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from archive.access.signed_in import SignedInRequest
from archive.errors import PulihError
from archive.models import CatalogueEntry, Collection, Photo
from archive.querysets.visible import PhotoQuerySet
from archive.services import delete_photos, holding_collection
from archive.views.selections import chosen_photos
from restoration.forms import BatchDecisionForm, BatchRestorationForm
from restoration.models import Restoration, Review
from restoration.presentation.batch_results import BatchResult, batch_result
from restoration.presentation.photo_states import PhotoState
from restoration.services import Decision, decide_restorations, request_restorations

SHOWN_PICTURES = 12


class Action(TextChoices):
    """The last part of the address."""

    RESTORE = "restore"
    APPROVE = "approve"
    REJECT = "reject"
    DELETE = "delete"


_DECISIONS: dict[str, str] = {
    Action.APPROVE: Review.Decision.APPROVED,
    Action.REJECT: Review.Decision.REJECTED,
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: SignedInRequest, collection_id: UUID, action: str) -> HttpResponse:
    """Does one Action with the photos that the address chooses (`chosen_photos`), as far as it suits them."""
    if action not in Action.values:
        raise Http404
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not _collections(request, action).filter(pk=collection.pk).exists():
        raise PermissionDenied
    allowed = _photos(request, action).within(collection)
    chosen = chosen_photos(request, collection, allowed)
    chosen = allowed.none() if chosen is None else chosen
    suited = _suited(chosen, action)
    gallery = _gallery(request, collection)
    form = BatchDecisionForm(
        request.POST if request.method == "POST" else None, with_reason=action == Action.REJECT
    )
    if request.method == "POST" and action not in _DECISIONS:
        return _restored_or_deleted(request, suited, action, gallery)
    if request.method == "POST" and form.is_valid():
        result = _decide(request, suited, _DECISIONS[action], form)
        context = {"collection": collection, "gallery": gallery, "result": result}
        return render(request, "restoration/batch_result.html", context)
    number = chosen.order_by().count()
    if not number:
        messages.error(request, gettext("No photo was chosen."))
        return redirect(gallery)
    count = suited.order_by().count()
    context = {
        "collection": collection,
        "action": action,
        "form": _form_beside(action, form),
        "number": count,
        "left_out": number - count,
        "shown": suited.select_related("original")[:SHOWN_PICTURES],
        "more": max(0, count - SHOWN_PICTURES),
        "gallery": gallery,
        "holding": holding_collection(collection.pk) if action == Action.DELETE else None,
        "days": settings.PULIH_BIN_DAYS,
    }
    return render(request, "restoration/batch.html", context)


def _form_beside(action: str, form: BatchDecisionForm) -> Form | None:
    """What may be said before it is done."""
    if action == Action.RESTORE:
        return BatchRestorationForm()
    return form if action in _DECISIONS else None


def _collections(request: SignedInRequest, action: str) -> Any:
    shelf = Collection.objects
    return shelf.curated_by(request.user) if action == Action.DELETE else shelf.reviewable_by(request.user)


def _photos(request: SignedInRequest, action: str) -> PhotoQuerySet:
    shelf = Photo.objects
    return shelf.curated_by(request.user) if action == Action.DELETE else shelf.reviewable_by(request.user)


def _suited(photos: PhotoQuerySet, action: str) -> PhotoQuerySet:
    """Those that it makes sense for: what is not being restored, or what waits for a decision."""
    if action == Action.DELETE:
        return photos
    moving = (PhotoState.QUEUED, PhotoState.RUNNING)
    entries = CatalogueEntry.objects
    fitting = (
        entries.exclude(state__in=moving)
        if action == Action.RESTORE
        else entries.filter(state=PhotoState.UNREVIEWED)
    )
    return photos.filter(pk__in=fitting.values("photo"))


def _restored_or_deleted(
    request: SignedInRequest, photos: PhotoQuerySet, action: str, gallery: str
) -> HttpResponse:
    try:
        messages.success(request, _restore_or_delete(request, photos, action))
    except PulihError as error:
        messages.error(request, error.message)
    return redirect(gallery)


def _restore_or_delete(request: SignedInRequest, photos: PhotoQuerySet, action: str) -> str:
    if action == Action.DELETE:
        number = delete_photos(photos=photos, actor=request.user)
        return ngettext("%(number)s photo is in the bin.", "%(number)s photos are in the bin.", number) % {
            "number": number
        }
    keys = photos.order_by("-created_at", "pk").values_list("pk", flat=True)
    form = BatchRestorationForm(request.POST)
    thorough = form.is_valid() and form.cleaned_data["thorough"]
    number = request_restorations(photos=keys, requested_by=request.user, thorough=thorough).queued
    return ngettext(
        "%(number)s photo waits to be restored.", "%(number)s photos wait to be restored.", number
    ) % {"number": number}


def _decide(
    request: SignedInRequest, photos: PhotoQuerySet, decision: str, form: BatchDecisionForm
) -> BatchResult:
    newest = Restoration.objects.filter(photo__in=photos.order_by().values("pk")).latest_of_each_photo()
    keys = newest.awaiting_review().order_by("requested_at", "id").values_list("pk", flat=True)
    results = decide_restorations(
        decisions=[Decision(key, decision, **form.cleaned_data) for key in keys], reviewer=request.user
    )
    return batch_result(results)


def _gallery(request: SignedInRequest, collection: Collection) -> str:
    """The address of the gallery in which the photos were chosen."""
    address = reverse("restoration:collection_detail", args=[collection.pk])
    found = request.GET.get("found")
    return f"{address}?{QueryDict(found).urlencode()}" if found else address
