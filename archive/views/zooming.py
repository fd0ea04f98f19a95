"""Originals in tiles, for members and for guests: whoever may see a photo's rendition may zoom into it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from archive.access.guests import guest_of
from archive.access.signed_in import SignedInRequest
from archive.access.visitors import Visitor
from archive.files.storage import Area
from archive.models import Photo
from archive.zooming.orders import ZoomSource
from archive.zooming.responses import descriptor_response, tile_response


@login_required
@require_safe
def zoom(request: SignedInRequest, photo_id: UUID) -> HttpResponseBase:
    """The original's Deep Zoom descriptor, or word that it is being made."""
    return descriptor_response(_source(request.user, photo_id))


@login_required
@require_safe
def zoom_tile(
    request: SignedInRequest, photo_id: UUID, level: int, column: int, row: int
) -> HttpResponseBase:
    """A tile of the original."""
    source = _source(request.user, photo_id)
    return tile_response(request, source, level=level, column=column, row=row)


@require_safe
def guest_zoom(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """As `zoom`, of what is open to this guest."""
    return descriptor_response(_source(guest_of(request), photo_id))


@require_safe
def guest_zoom_tile(
    request: HttpRequest, photo_id: UUID, level: int, column: int, row: int
) -> HttpResponseBase:
    """As `zoom_tile`, of what is open to this guest."""
    source = _source(guest_of(request), photo_id)
    return tile_response(request, source, level=level, column=column, row=row)


def _source(visitor: Visitor, photo_id: UUID) -> ZoomSource:
    visible = Photo.objects.visible_to(visitor).select_related("original")
    return ZoomSource(Area.ORIGINALS, get_object_or_404(visible, pk=photo_id).original.sha256)
