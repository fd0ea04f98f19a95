"""Files of restorations for people: results and what was kept beside them, as downloads and for showing."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from archive.access.signed_in import SignedInRequest
from archive.files.file_responses import attachment, inline_rendition
from archive.files.page_responses import asked_page, made_picture, rendition_response
from restoration.models import Restoration
from restoration.presentation.pictures import download_name, kept_download_name
from restoration.querysets import RestorationQuerySet
from restoration.running.page_layers import kept_of_page
from restoration.running.stored_files import PNG, Kept, kept_media_type, result_file


@login_required
@require_safe
def result(request: SignedInRequest, restoration_id: UUID) -> HttpResponseBase:
    """The restored picture in full, as a download."""
    restoration = _finished(request, restoration_id)
    return attachment(
        request,
        result_file(restoration),
        filename=download_name(restoration),
        media_type=restoration.result_media_type,
    )


@login_required
@require_safe
def result_rendition(request: SignedInRequest, restoration_id: UUID, kind: str) -> HttpResponseBase:
    """A picture of the result for showing."""
    return rendition_response(request, result_file(_finished(request, restoration_id)), kind)


@login_required
@require_safe
def kept(request: SignedInRequest, restoration_id: UUID, name: str) -> HttpResponseBase:
    """A layer or the hand for showing; with `?download`, and the repair always, as a download."""
    restoration = get_object_or_404(_visible(request), pk=restoration_id)
    kind = Kept(name) if name in Kept.values else None
    page = asked_page(request)
    stored = made_picture(lambda: kept_of_page(restoration, kind, page)) if kind else None
    if kind is None or stored is None:
        raise Http404
    media_type = kept_media_type(kind)
    if media_type != PNG or "download" in request.GET:
        name = kept_download_name(restoration, kind)
        return attachment(request, stored, filename=name, media_type=media_type)
    return inline_rendition(request, stored, media_type=media_type)


def _visible(request: SignedInRequest) -> RestorationQuerySet:
    return Restoration.objects.visible_to(request.user).select_related("photo")


def _finished(request: SignedInRequest, restoration_id: UUID) -> Restoration:
    return get_object_or_404(_visible(request).filter(status=Restoration.Status.DONE), pk=restoration_id)
