"""Results in tiles: members zoom into what they see, guests into what they may download."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from archive.access.guests import guest_of
from archive.access.signed_in import SignedInRequest
from archive.files.storage import StoredFile
from archive.zooming.responses import descriptor_response, tile_response
from restoration.models import Restoration
from restoration.querysets import RestorationQuerySet
from restoration.running.stored_files import result_file


@login_required
@require_safe
def result_zoom(request: SignedInRequest, restoration_id: UUID) -> HttpResponseBase:
    """The result's Deep Zoom descriptor, or word that it is being made."""
    return descriptor_response(request, _source(Restoration.objects.visible_to(request.user), restoration_id))


@login_required
@require_safe
def result_zoom_tile(
    request: SignedInRequest, restoration_id: UUID, level: int, column: int, row: int
) -> HttpResponseBase:
    """A tile of the result."""
    source = _source(Restoration.objects.visible_to(request.user), restoration_id)
    return tile_response(request, source, level=level, column=column, row=row)


@require_safe
def guest_result_zoom(request: HttpRequest, restoration_id: UUID) -> HttpResponseBase:
    """As `result_zoom`, of what is approved and this guest may download."""
    return descriptor_response(
        request, _source(Restoration.objects.downloadable_by(guest_of(request)), restoration_id)
    )


@require_safe
def guest_result_zoom_tile(
    request: HttpRequest, restoration_id: UUID, level: int, column: int, row: int
) -> HttpResponseBase:
    """As `result_zoom_tile`, of what is approved and this guest may download."""
    source = _source(Restoration.objects.downloadable_by(guest_of(request)), restoration_id)
    return tile_response(request, source, level=level, column=column, row=row)


def _source(allowed: RestorationQuerySet, restoration_id: UUID) -> StoredFile:
    finished = allowed.filter(status=Restoration.Status.DONE)
    return result_file(get_object_or_404(finished, pk=restoration_id))
