"""The progress of a collection: numbers that follow by themselves, and what can be done about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from archive.access.signed_in import SignedInRequest, signed_in_poll
from archive.errors import InputError
from archive.finding.pages import AFTER, BEFORE
from archive.models import Collection
from archive.views.selections import uuids_in
from restoration.models import Restoration
from restoration.progress.failures import failed_restorations, failures_of
from restoration.progress.standing import standing_of
from restoration.services import (
    cancel_restorations,
    pause_restorations,
    resume_restorations,
    retry_restorations,
)

RUNNING_SHOWN = 8


@login_required
@require_safe
def progress(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """How far everything is, what is being restored, and what failed, a page at a time."""
    collection = _visible(request, collection_id)
    try:
        failures = failures_of(
            collection,
            request.user,
            after=request.GET.get(AFTER, ""),
            before=request.GET.get(BEFORE, ""),
        )
    except InputError:
        failures = failures_of(collection, request.user)
    context = _state_context(request, collection) | {
        "failures": failures,
        "can_control": _is_in(Collection.objects.curated_by(request.user), collection),
        "can_retry": _is_in(Collection.objects.reviewable_by(request.user), collection),
    }
    return render(request, "restoration/progress.html", context)


@signed_in_poll
@require_safe
def progress_state(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The numbers and bars; polling ends when nothing moves any more."""
    collection = _visible(request, collection_id)
    context = _state_context(request, collection)
    response = render(request, "restoration/_progress_state.html", context)
    return response if context["standing"].is_moving else HttpResponseStopPolling(response.content)


@login_required
@require_POST
def pause(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Nothing is restored until it is resumed."""
    collection = _curated(request, collection_id)
    pause_restorations(collection=collection, actor=request.user)
    messages.success(request, gettext("Paused. What is being restored stops in a moment and waits again."))
    return redirect("restoration:progress", collection.pk)


@login_required
@require_POST
def resume(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """What waits goes on."""
    collection = _curated(request, collection_id)
    resume_restorations(collection=collection, actor=request.user)
    messages.success(request, gettext("Restoring goes on."))
    return redirect("restoration:progress", collection.pk)


@login_required
@require_POST
def cancel(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Nothing waits or runs any more."""
    collection = _curated(request, collection_id)
    report = cancel_restorations(collection=collection, actor=request.user)
    number = report.waiting + report.running
    messages.success(
        request,
        ngettext("%(number)s restoration was cancelled.", "%(number)s restorations were cancelled.", number)
        % {"number": number},
    )
    return redirect("restoration:progress", collection.pk)


@login_required
@require_POST
def retry(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Asks again for those that failed: of the photos named by `photo`, or with `all` of all."""
    collection = _visible(request, collection_id)
    if not _is_in(Collection.objects.reviewable_by(request.user), collection):
        raise PermissionDenied
    named = None if "all" in request.POST else uuids_in(request.POST.getlist("photo"))
    restorations = failed_restorations(collection, request.user, named)
    report = retry_restorations(restorations=restorations, requested_by=request.user)
    if report.queued:
        messages.success(
            request,
            ngettext(
                "%(number)s photo is queued again.", "%(number)s photos are queued again.", report.queued
            )
            % {"number": report.queued},
        )
    else:
        messages.warning(request, gettext("No photo was chosen that could be tried again."))
    return redirect("restoration:progress", collection.pk)


def _state_context(request: SignedInRequest, collection: Collection) -> dict[str, Any]:
    """What restoration/_progress_state.html speaks of."""
    running = Restoration.objects.visible_to(request.user).within(collection)
    running = running.filter(status=Restoration.Status.RUNNING).select_related("photo")
    return {
        "collection": collection,
        "standing": standing_of(collection, request.user),
        "running": running.order_by("started_at", "id")[:RUNNING_SHOWN],
    }


def _visible(request: SignedInRequest, collection_id: UUID) -> Collection:
    return get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)


def _curated(request: SignedInRequest, collection_id: UUID) -> Collection:
    """A collection that this person curates: 404 where he may not see it, 403 where only that."""
    collection = _visible(request, collection_id)
    if not _is_in(Collection.objects.curated_by(request.user), collection):
        raise PermissionDenied
    return collection


def _is_in(collections: Any, collection: Collection) -> bool:
    return bool(collections.filter(pk=collection.pk).exists())
