"""Originals in tiles: members zoom into what they see, guests into what they may download, for tiles are no
less than the file.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from archive.access.guests import guest_of
from archive.access.signed_in import SignedInRequest
from archive.files.storage import Area, StoredFile
from archive.models import Photo
from archive.querysets.visible import PhotoQuerySet
from archive.zooming.responses import descriptor_response, tile_response


@login_required
@require_safe
def zoom(request: SignedInRequest, photo_id: UUID) -> HttpResponseBase:
    """The original's Deep Zoom descriptor, or word that it is being made."""
    return descriptor_response(request, _source(Photo.objects.visible_to(request.user), photo_id))


@login_required
@require_safe
def zoom_tile(
    request: SignedInRequest, photo_id: UUID, level: int, column: int, row: int
) -> HttpResponseBase:
    """A tile of the original."""
    source = _source(Photo.objects.visible_to(request.user), photo_id)
    return tile_response(request, source, level=level, column=column, row=row)


@require_safe
def guest_zoom(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """As `zoom`, of what this guest may download."""
    return descriptor_response(request, _source(Photo.objects.downloadable_by(guest_of(request)), photo_id))


@require_safe
def guest_zoom_tile(
    request: HttpRequest, photo_id: UUID, level: int, column: int, row: int
) -> HttpResponseBase:
    """As `zoom_tile`, of what this guest may download."""
    source = _source(Photo.objects.downloadable_by(guest_of(request)), photo_id)
    return tile_response(request, source, level=level, column=column, row=row)


def _source(allowed: PhotoQuerySet, photo_id: UUID) -> StoredFile:
    photo = get_object_or_404(allowed.select_related("original"), pk=photo_id)
    return StoredFile(Area.ORIGINALS, photo.original.sha256)
