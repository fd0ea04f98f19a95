"""Collections and photos for guests: originals as small pictures beside approved restorations, read only."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from archive.access.guests import guest_of
from archive.description.fields import PHOTO_FIELDS
from archive.errors import InputError
from archive.files.file_responses import attachment_for_guests, inline_rendition
from archive.files.renditions import rendition_path
from archive.finding.criteria import criteria_of
from archive.finding.pages import AFTER, BEFORE, page_of
from archive.models import Collection, Photo, Rendition
from archive.presentation.overviews import with_overview
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.pictures import download_name
from restoration.querysets import photos_for_gallery
from restoration.running.stored_files import result_path

PHOTOS_PER_PAGE = 48
# Notes are for those who work here.
_SHOWN_FIELDS = sorted(
    (each for each in Photo._meta.fields if each.name in {*PHOTO_FIELDS} - {"title", "notes"}),
    key=lambda each: PHOTO_FIELDS.index(each.name),
)


@require_safe
def guest_collection(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """What a guest may see of a collection: its parts, and its photos a page at a time."""
    guest = guest_of(request)
    visible = Collection.objects.visible_to(guest)
    collection = get_object_or_404(visible.select_related("parent"), pk=collection_id)
    after, before = request.GET.get(AFTER, ""), request.GET.get(BEFORE, "")
    criteria = criteria_of(guest, {}, collection)
    try:
        page = page_of(criteria, size=PHOTOS_PER_PAGE, after=after, before=before)
    except InputError as error:
        raise Http404(error.message) from error
    context = {
        "collection": collection,
        "parent": visible.filter(children=collection).first(),
        "parts": with_overview(visible.filter(parent=collection)),
        "page": page,
        "photos": photos_for_gallery(guest, page.photos),
    }
    return render(request, "restoration/guest_collection.html", context)


@require_safe
def guest_photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """One photo: the original beside its newest approved restoration, and what is known of it."""
    guest = guest_of(request)
    visible = GalleryPhoto.objects.visible_to(guest).with_latest_restoration(guest)
    photo = cast("GalleryPhoto", get_object_or_404(visible, pk=photo_id))
    described = ((field.verbose_name, getattr(photo, field.name)) for field in _SHOWN_FIELDS)
    context = {
        "photo": photo,
        "restoration": photo.latest_restoration,
        "description": [(term, value) for term, value in described if value],
        "may_download": Photo.objects.downloadable_by(guest).filter(pk=photo.pk).exists(),
    }
    return render(request, "restoration/guest_photo.html", context)


@require_safe
def guest_result_rendition(request: HttpRequest, restoration_id: UUID, kind: str) -> HttpResponseBase:
    """A picture of an approved result for showing."""
    visible = Restoration.objects.visible_to(guest_of(request))
    restoration = get_object_or_404(visible, pk=restoration_id)
    return inline_rendition(request, rendition_path(restoration.result_sha256, Rendition.Kind(kind)))


@require_safe
def guest_result(request: HttpRequest, restoration_id: UUID) -> HttpResponseBase:
    """An approved result in full, where that is allowed; without camera positions and serial numbers."""
    allowed = Restoration.objects.downloadable_by(guest_of(request)).select_related("photo")
    restoration = get_object_or_404(allowed, pk=restoration_id)
    return attachment_for_guests(
        request,
        result_path(restoration),
        filename=download_name(restoration),
        media_type=restoration.result_media_type,
    )
