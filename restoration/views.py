"""Pages of photos with their restorations. Reads are QuerySets, writes are services; here they meet HTTP."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling, reswap, retarget

from archive.errors import InputError, StateError
from archive.file_responses import attachment, inline_rendition
from archive.forms import UploadForm
from archive.models import Collection, Photo, Rendition
from archive.renditions import rendition_path
from archive.signed_in import SignedInRequest, signed_in_poll
from archive.storage import Area, stored_path
from restoration.forms import ReviewForm
from restoration.history import history_of
from restoration.models import GalleryPhoto, Restoration
from restoration.photo_states import PhotoState, count_states, in_state
from restoration.pictures import download_name
from restoration.provenance import facts_about
from restoration.querysets import GalleryPhotoQuerySet, RestorationQuerySet, photos_for_gallery
from restoration.results import SUFFIX
from restoration.services import ingest_and_restore, request_restoration, review_restoration

PHOTOS_PER_PAGE = 48


@login_required
@require_safe
def collection_detail(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The gallery: every photo with the state of its restoration, a page at a time, or those in one state."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    photos = photos_for_gallery(request.user, collection)
    chosen = _chosen_state(request)
    shown = in_state(photos, chosen) if chosen else photos
    context = {
        "can_upload": Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists(),
        "page": Paginator(shown, PHOTOS_PER_PAGE).get_page(request.GET.get("page")),
        "query": f"state={chosen.value}&" if chosen else "",
    }
    return render(
        request, "restoration/collection_detail.html", context | _filters(collection, photos, chosen)
    )


@signed_in_poll
@require_safe
def gallery_changes(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The cards of the photos named by `active`, and the counts; polling ends when none of them moves."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    photos = photos_for_gallery(request.user, collection)
    named = _uuids(request.GET.getlist("active")[:PHOTOS_PER_PAGE])
    asked = cast("list[GalleryPhoto]", list(photos.filter(pk__in=named)))
    context = {"photos": asked} | _filters(collection, photos, _chosen_state(request))
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
                return render(request, "restoration/_card.html", {"photo": card}, status=201)
    return redirect("restoration:collection_detail", collection.pk)


@login_required
@require_safe
def photo_detail(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """One photo: before and after, decisions, files, provenance, history."""
    return render(request, "restoration/photo_detail.html", _photo_context(request, photo_id))


@signed_in_poll
@require_safe
def photo_status(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """The status panel while the restoration moves; then all that has changed, and no more polling."""
    context = _photo_context(request, photo_id)
    if context["restoration"] and context["restoration"].is_active:
        return render(request, "restoration/_status.html", context)
    response = HttpResponseStopPolling(render(request, "restoration/_photo.html", context).content)
    return reswap(retarget(response, "#photo"), "outerHTML")


@login_required
@require_POST
def restoration_request(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Asks for a restoration, the first or another."""
    photo = get_object_or_404(Photo.objects.visible_to(request.user).select_related("original"), pk=photo_id)
    if not _may_review(request, photo):
        raise PermissionDenied
    try:
        request_restoration(photo=photo, requested_by=request.user)
    except StateError as error:
        messages.error(request, error.message)
    return redirect("restoration:photo_detail", photo.pk)


@login_required
@require_POST
def restoration_review(request: SignedInRequest, restoration_id: UUID) -> HttpResponse:
    """Approves or rejects."""
    restoration = get_object_or_404(
        Restoration.objects.visible_to(request.user).select_related("photo__collection"), pk=restoration_id
    )
    if not _may_review(request, restoration.photo):
        raise PermissionDenied
    form = ReviewForm(request.POST)
    if not form.is_valid():
        for error in (error for errors in form.errors.values() for error in errors):
            messages.error(request, str(error))
        return redirect("restoration:photo_detail", restoration.photo_id)
    try:
        review = review_restoration(restoration=restoration, reviewer=request.user, **form.cleaned_data)
    except StateError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, review.get_decision_display())
    return redirect("restoration:photo_detail", restoration.photo_id)


@login_required
@require_safe
def result(request: SignedInRequest, restoration_id: UUID) -> FileResponse:
    """The restored picture in full, as a download."""
    restoration = get_object_or_404(_finished_restorations(request), pk=restoration_id)
    path = stored_path(Area.RESULTS, restoration.result_sha256, SUFFIX)
    return attachment(path, filename=download_name(restoration), media_type=restoration.result_media_type)


@login_required
@require_safe
def result_rendition(request: SignedInRequest, restoration_id: UUID, kind: str) -> HttpResponseBase:
    """A picture of the result for showing."""
    restoration = get_object_or_404(_finished_restorations(request), pk=restoration_id)
    return inline_rendition(request, rendition_path(restoration.result_sha256, Rendition.Kind(kind)))


def _photo_context(request: SignedInRequest, photo_id: UUID) -> dict[str, Any]:
    """What the templates below restoration/_photo.html speak of."""
    photos = GalleryPhoto.objects.visible_to(request.user).with_latest_restoration()
    # The query set's type is inherited from Photo's; what it holds is not.
    photo = cast(GalleryPhoto, get_object_or_404(photos, pk=photo_id))
    restoration = photo.latest_restoration
    may_review = _may_review(request, photo)
    return {
        "photo": photo,
        "restoration": restoration,
        "can_review": may_review,
        "can_restore": may_review,
        "review_form": ReviewForm(),
        "facts": facts_about(photo, restoration),
        "history": history_of(photo),
    }


def _filters(
    collection: Collection, photos: GalleryPhotoQuerySet, chosen: PhotoState | None
) -> dict[str, Any]:
    """What restoration/_filters.html speaks of."""
    counts = count_states(photos)
    return {
        "collection": collection,
        "counts": list(counts.items()),
        "total": sum(counts.values()),
        "chosen": chosen,
    }


def _chosen_state(request: SignedInRequest) -> PhotoState | None:
    """The state in the address; a word that is no state chooses nothing."""
    value = request.GET.get("state")
    return PhotoState(value) if value in PhotoState.values else None


def _uuids(values: list[str]) -> list[UUID]:
    """The values that are identifiers; whoever sends others gets no cards for them."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _may_review(request: SignedInRequest, photo: Photo) -> bool:
    return Photo.objects.reviewable_by(request.user).filter(pk=photo.pk).exists()


def _finished_restorations(request: SignedInRequest) -> RestorationQuerySet:
    visible = Restoration.objects.visible_to(request.user).select_related("photo")
    return visible.filter(status=Restoration.Status.DONE)
