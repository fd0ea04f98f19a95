"""The first minutes: a sample collection at the press of a button."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from archive.access.signed_in import SignedInRequest
from archive.models import Collection
from restoration.services import create_sample_collection

SECONDS_BETWEEN_LOOKS = 2


@login_required
@require_POST
def sample_create(request: SignedInRequest) -> HttpResponse:
    """Makes the person's sample collection, once."""
    collection = create_sample_collection(owner=request.user)
    return redirect("restoration:sample_arriving", collection.pk)


@never_cache
@login_required
@require_safe
def sample_arriving(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Waits for the first picture, then leads to the collection; works without script."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if collection.photos.exists():
        return redirect("restoration:collection_detail", collection.pk)
    response = render(request, "restoration/sample_arriving.html", {"collection": collection})
    response["Refresh"] = str(SECONDS_BETWEEN_LOOKS)
    return response
