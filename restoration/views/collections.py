"""The gallery of a collection. Reads are QuerySets, writes are services; here they meet HTTP."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseStopPolling

from archive.access.signed_in import SignedInRequest, signed_in_poll
from archive.finding.criteria import criteria_of
from archive.models import Collection, Photo
from archive.views.selections import uuids_in
from restoration.presentation.cards import cards_of
from restoration.presentation.galleries import PHOTOS_PER_PAGE, gallery_bar, gallery_of
from restoration.querysets import photos_for_cards


@login_required
@require_safe
@never_cache  # Whoever comes back to it would find the photos that were there when it was opened.
def collection_detail(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The gallery: photos with the state of their restoration, a page at a time; all or those that were asked
    for, newest first or in another order.
    """
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    criteria = criteria_of(request.user, request.GET, collection)
    context = {
        "collection": collection,
        "can_upload": Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists(),
        "can_review": Collection.objects.reviewable_by(request.user).filter(pk=collection.pk).exists(),
        **gallery_of(criteria, request.GET, _address(collection)),
    }
    return render(request, "restoration/collection_detail.html", context)


@login_required
@require_safe
@never_cache
def search(request: SignedInRequest) -> HttpResponse:
    """Photos of all collections that the person may see, by words and filters."""
    criteria = criteria_of(request.user, request.GET)
    return render(
        request, "restoration/search.html", gallery_of(criteria, request.GET, reverse("restoration:search"))
    )


@signed_in_poll
@require_safe
def gallery_changes(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The cards of the photos named by `active`, and the counts; polling ends when none of them moves."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    criteria = criteria_of(request.user, request.GET, collection)
    named = uuids_in(request.GET.getlist("active")[:PHOTOS_PER_PAGE])
    here = criteria.scope.entries(below=True).filter(photo__in=named).values_list("photo", flat=True)
    cards = cards_of(photos_for_cards(request.user, list(here)), order=criteria.order.value)
    context = {"cards": cards, **gallery_bar(criteria, _address(collection))}
    response = render(request, "restoration/_gallery_changes.html", context)
    if any(card.progress is not None for card in cards):
        return response
    return HttpResponseStopPolling(response.content)


@login_required
@require_safe
def upload_panel(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The upload queue alone, for pages on which something is dropped; curators get it."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    return render(request, "restoration/_upload.html", {"collection": collection})


@login_required
@require_safe
def photo_card(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """One card of the gallery, for a photo that has just arrived."""
    photo = get_object_or_404(Photo.objects.visible_to(request.user), pk=photo_id)
    cards = cards_of(photos_for_cards(request.user, [photo.pk]))
    return render(request, "restoration/_cards.html", {"cards": cards})


def _address(collection: Collection) -> str:
    return reverse("restoration:collection_detail", args=[collection.pk])
