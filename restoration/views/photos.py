"""The page of one photo: its versions beside the original, decisions about them, and asking for others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling, reswap, retarget

from archive.access.signed_in import SignedInRequest, signed_in_poll
from archive.errors import InputError, StateError
from archive.files.page_responses import asked_page
from archive.models import Photo
from restoration.forms import RestorationForm, ReviewForm, StrengthForm
from restoration.models import ModelVersion, Restoration
from restoration.presentation.change_reports import report_of
from restoration.presentation.file_pages import existing_page
from restoration.presentation.history import history_of
from restoration.presentation.provenance import facts_about
from restoration.presentation.versions import versions_of
from restoration.progress.standing import pause_over
from restoration.reviewing.queue import own_standing_decision
from restoration.running.hands import read_hand
from restoration.services import request_restoration, request_strength, review_restoration


@login_required
@require_safe
def photo_detail(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """One photo with one of its versions, the newest or the one in `?version=`."""
    return render(request, "restoration/photo_detail.html", _photo_context(request, photo_id))


@signed_in_poll
@require_safe
def photo_status(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """The status panel while the shown version moves; then all that has changed, and no more polling."""
    context = _photo_context(request, photo_id)
    if context["restoration"] and context["restoration"].is_active:
        return render(request, "restoration/_status.html", context)
    response = HttpResponseStopPolling(render(request, "restoration/_photo.html", context).content)
    return reswap(retarget(response, "#photo"), "outerHTML")


@signed_in_poll
@require_safe
def photo_versions(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """The versions, while another than the shown one moves; the last answer tells that it has finished."""
    context = _photo_context(request, photo_id)
    return render(request, "restoration/_versions_changes.html", context)


@login_required
@require_POST
def restoration_request(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Asks for a version, the first or another.

    A script gets `{"address"}` of the page to go on with (202), or `{"code", "message"}` (400, 409).
    """
    visible = Photo.objects.visible_to(request.user).select_related("original", "collection")
    photo = get_object_or_404(visible, pk=photo_id)
    if not _may_review(request, photo):
        raise PermissionDenied
    try:
        _request_version(request, photo)
    except InputError as error:
        return _refused(request, photo, error, status=400)
    except StateError as error:
        return _refused(request, photo, error, status=409)
    address = reverse("restoration:photo_detail", args=[photo.pk])
    return JsonResponse({"address": address}, status=202) if _by_script(request) else redirect(address)


@login_required
@require_POST
def restoration_strength(request: SignedInRequest, restoration_id: UUID) -> HttpResponse:
    """Asks for the same version with another strength; no network runs for it."""
    restoration = _reviewable(request, restoration_id)
    form = StrengthForm(request.POST)
    if not form.is_valid():
        messages.error(request, _sentences(form))
        return _to_version(restoration)
    try:
        request_strength(restoration=restoration, requested_by=request.user, **form.cleaned_data)
    except (InputError, StateError) as error:
        messages.error(request, error.message)
        return _to_version(restoration)
    return redirect("restoration:photo_detail", restoration.photo_id)


@login_required
@require_POST
def restoration_review(request: SignedInRequest, restoration_id: UUID) -> HttpResponse:
    """Approves or rejects."""
    restoration = _reviewable(request, restoration_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _sentences(form))
        return _to_version(restoration)
    try:
        review = review_restoration(restoration=restoration, reviewer=request.user, **form.cleaned_data)
    except StateError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, review.get_decision_display())
    return _to_version(restoration)


def _request_version(request: SignedInRequest, photo: Photo) -> None:
    """Asks for what the form says. Raises InputError and StateError as the service does."""
    form = RestorationForm(request.POST, request.FILES, models=_models(request))
    if not form.is_valid():
        raise InputError("invalid", _sentences(form))
    wanted = form.cleaned_data
    request_restoration(
        photo=photo,
        requested_by=request.user,
        model_version=wanted["model"],
        strength=wanted["strength"],
        quick=wanted["quick"],
        thorough=wanted["thorough"],
        hand=read_hand(wanted["hand"]) if wanted["hand"] else None,
        promptly=True,
    )


def _refused(
    request: SignedInRequest, photo: Photo, error: InputError | StateError, *, status: int
) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"code": error.code, "message": error.message}, status=status)
    messages.error(request, error.message)
    return redirect("restoration:photo_detail", photo.pk)


def _by_script(request: SignedInRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _photo_context(request: SignedInRequest, photo_id: UUID) -> dict[str, Any]:
    """What the templates below restoration/_photo.html speak of."""
    visible = Photo.objects.visible_to(request.user).select_related("original", "collection", "uploaded_by")
    photo = get_object_or_404(visible, pk=photo_id)
    page = existing_page(photo, asked_page(request))
    versions = versions_of(photo, wanted=request.GET.get("version"))
    restoration = versions.shown.restoration if versions.shown else None
    may_review = _may_review(request, photo)
    waits = restoration is not None and restoration.status == Restoration.Status.QUEUED
    context = {
        "photo": photo,
        "page": page,
        "versions": versions,
        "restoration": restoration,
        "is_paused": waits and pause_over(photo.collection) is not None,
        "report": report_of(restoration, page=page) if restoration else None,
        "can_review": may_review,
        "can_describe": Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists(),
        "can_restore": may_review and versions.active is None,
        "facts": facts_about(photo, restoration),
        "history": history_of(photo),
    }
    if may_review:
        context |= {
            "review_form": ReviewForm(),
            "own_decision": own_standing_decision(restoration, request.user),
            "restoration_form": RestorationForm(models=_models(request)),
        }
    return context


def _models(request: SignedInRequest) -> Any:
    return ModelVersion.objects.visible_to(request.user).for_lists().defer("benchmark")


def _may_review(request: SignedInRequest, photo: Photo) -> bool:
    return Photo.objects.reviewable_by(request.user).filter(pk=photo.pk).exists()


def _reviewable(request: SignedInRequest, restoration_id: UUID) -> Restoration:
    """A restoration about which this person may decide: 404 where he may not see it, 403 where only that."""
    visible = Restoration.objects.visible_to(request.user).select_related("photo__collection")
    restoration = get_object_or_404(visible, pk=restoration_id)
    if not _may_review(request, restoration.photo):
        raise PermissionDenied
    return restoration


def _to_version(restoration: Restoration) -> HttpResponse:
    return redirect(
        f"{reverse('restoration:photo_detail', args=[restoration.photo_id])}?version={restoration.pk}"
    )


def _sentences(form: Any) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
