"""Deleting, which asks first and puts into the bin, and the bin itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive.access.signed_in import SignedInRequest
from archive.errors import PulihError
from archive.models import Collection, Photo
from archive.services import (
    delete_collection,
    delete_photo,
    holding_collection,
    take_back_collection,
    take_back_photo,
)

PHOTOS_PER_PAGE = 48


@login_required
@require_safe
def bin_list(request: SignedInRequest) -> HttpResponse:
    """What the person who is signed in may take back: photos that were deleted, and whole collections."""
    photos = Photo.objects.in_bin(request.user).select_related("collection", "original", "deleted_by")
    collections = Collection.objects.in_bin(request.user).select_related("deleted_by")
    page = Paginator(photos.order_by("-deleted_at", "pk"), PHOTOS_PER_PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "collections": collections.order_by("-deleted_at", "pk"),
        "days": settings.PULIH_BIN_DAYS,
        "limit": timezone.now() - timedelta(days=settings.PULIH_BIN_DAYS),
    }
    return render(request, "archive/bin.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def photo_delete(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Asks, and then puts the photo into the bin."""
    photos = Photo.objects.visible_to(request.user).select_related("collection", "original")
    photo = get_object_or_404(photos, pk=photo_id)
    if not Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists():
        raise PermissionDenied
    if request.method == "POST":
        try:
            delete_photo(photo=photo, actor=request.user)
        except PulihError as error:
            messages.error(request, error.message)
            return redirect("restoration:photo_detail", photo.pk)
        messages.success(request, _("“%(photo)s” is in the bin.") % {"photo": photo})
        return redirect("restoration:collection_detail", photo.collection_id)
    context = {
        "photo": photo,
        "collection": photo.collection,
        "holding": holding_collection(photo.collection_id),
        "days": settings.PULIH_BIN_DAYS,
    }
    return render(request, "archive/photo_delete.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_delete(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Asks, and then puts the collection into the bin, with everything below it."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    if request.method == "POST":
        try:
            delete_collection(collection=collection, actor=request.user)
        except PulihError as error:
            messages.error(request, error.message)
            return redirect("archive:collection_keeping", collection.pk)
        messages.success(request, _("“%(collection)s” is in the bin.") % {"collection": collection})
        return redirect("archive:collection_list")
    within = Collection.objects.within(collection)
    context = {
        "collection": collection,
        "collection_count": within.present().count() - 1,
        "photo_count": Photo.objects.present().filter(collection__in=within).count(),
        "holding": holding_collection(collection.pk),
        "days": settings.PULIH_BIN_DAYS,
    }
    return render(request, "archive/collection_delete.html", context)


@login_required
@require_POST
def photo_take_back(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Takes a photo out of the bin."""
    photos = Photo.objects.in_bin(request.user).select_related("collection", "original")
    photo = get_object_or_404(photos, pk=photo_id)
    try:
        take_back_photo(photo=photo, actor=request.user)
    except PulihError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("“%(photo)s” is back in its collection.") % {"photo": photo})
    return redirect("archive:bin")


@login_required
@require_POST
def collection_take_back(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Takes a collection out of the bin."""
    collection = get_object_or_404(Collection.objects.in_bin(request.user), pk=collection_id)
    try:
        take_back_collection(collection=collection, actor=request.user)
    except PulihError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("“%(collection)s” is back.") % {"collection": collection})
    return redirect("archive:bin")
