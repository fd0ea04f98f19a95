"""Pages of collections, and the archive's files."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from archive.access.signed_in import SignedInRequest
from archive.files.file_responses import attachment
from archive.files.page_responses import rendition_response
from archive.files.storage import Area, StoredFile
from archive.models import Collection, Photo
from archive.presentation.overviews import with_overview

COLLECTIONS_PER_PAGE = 24


@login_required
@require_safe
def collection_list(request: SignedInRequest) -> HttpResponse:
    """The collections of whoever is signed in, newest first: those that are part of no other of theirs."""
    visible = Collection.objects.visible_to(request.user)
    collections = with_overview(visible.topmost())
    page = Paginator(collections, COLLECTIONS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "archive/collection_list.html", {"page": page})


@login_required
@require_safe
def original(request: SignedInRequest, photo_id: UUID) -> HttpResponseBase:
    """The original, byte for byte, as a download."""
    photo = get_object_or_404(Photo.objects.visible_to(request.user).select_related("original"), pk=photo_id)
    stored = StoredFile(Area.ORIGINALS, photo.original.sha256)
    return attachment(request, stored, filename=photo.filename, media_type=photo.original.media_type)


@login_required
@require_safe
def rendition(request: SignedInRequest, photo_id: UUID, kind: str) -> HttpResponseBase:
    """A picture of the original for showing."""
    photo = get_object_or_404(Photo.objects.visible_to(request.user).select_related("original"), pk=photo_id)
    return rendition_response(request, StoredFile(Area.ORIGINALS, photo.original.sha256), kind)
