"""Collections and photos for guests: originals as small pictures beside approved restorations, read only."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive.access.guests import guest_of
from archive.access.visitors import Guest
from archive.description.date_words import date_in_words
from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.errors import InputError
from archive.files.file_responses import attachment_for_guests
from archive.files.page_responses import asked_page, rendition_response
from archive.files.renditions import rendition_file
from archive.finding.criteria import criteria_of
from archive.finding.pages import AFTER, BEFORE, page_of
from archive.models import Collection, Photo, Rendition
from archive.presentation.overviews import with_overview
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.cards import cards_of
from restoration.presentation.exhibitions import (
    ORIGINALS,
    SHOWN_COOKIE,
    card_of_collection,
    card_of_photo,
    neighbours,
    wants_originals,
)
from restoration.presentation.file_pages import existing_page
from restoration.presentation.pictures import download_name
from restoration.presentation.share_pictures import share_picture
from restoration.presentation.structured_data import collection_data, photo_data
from restoration.querysets import photos_for_gallery
from restoration.running.stored_files import result_file

PHOTOS_PER_PAGE = 48
SHARE_PICTURE_SECONDS = 3600
# Notes are for those who work here; titles and descriptions of collections stand at the head of the page.
_PHOTO_FIELDS = [name for name in PHOTO_FIELDS if name not in {"title", "notes"}]
_COLLECTION_FIELDS = [name for name in COLLECTION_FIELDS if name not in {"title", "description", "notes"}]


@require_safe
def guest_collection(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """The title page of a collection, its parts, and its photos a page at a time."""
    guest = guest_of(request)
    visible = Collection.objects.visible_to(guest)
    collection = get_object_or_404(with_overview(visible), pk=collection_id)
    after, before = request.GET.get(AFTER, ""), request.GET.get(BEFORE, "")
    criteria = criteria_of(guest, {}, collection)
    try:
        page = page_of(criteria, size=PHOTOS_PER_PAGE, after=after, before=before)
    except InputError as error:
        raise Http404(error.message) from error
    photos = photos_for_gallery(guest, page.photos)
    parent = visible.filter(children=collection).first()
    is_start = not (after or before)
    # The newest that was restored, or else the newest.
    cover = next((each for each in photos if each.latest_restoration), next(iter(photos), None))
    cover = cover if is_start else None
    card = card_of_collection(collection, cover, request)
    context = {
        "collection": collection,
        "described": _described(collection, _COLLECTION_FIELDS),
        "parent": parent,
        "parts": with_overview(visible.filter(parent=collection)),
        "page": page,
        "cover": cover,
        "cards": cards_of(photos, for_guests=True),
        "originals": wants_originals(request),
        "card": card,
        "data": collection_data(collection, parent, photos, request) if card else None,
    }
    return _as_it_may_be_found(render(request, "restoration/guest_collection.html", context), card)


@require_safe
def guest_photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """One photo, restored or as it came, as the visitor chose; with `?closer` both, to be compared."""
    guest = guest_of(request)
    visible = GalleryPhoto.objects.visible_to(guest).with_latest_restoration(guest)
    photo = cast("GalleryPhoto", get_object_or_404(visible, pk=photo_id))
    restoration = photo.latest_restoration
    before, after = neighbours(guest, photo)
    card = card_of_photo(photo, request)
    context = {
        "photo": photo,
        "restoration": restoration,
        "originals": wants_originals(request),
        "closer": "closer" in request.GET,
        "page": existing_page(photo, asked_page(request)),
        "before": before,
        "after": after,
        "described": _described(photo, _PHOTO_FIELDS),
        "may_download": Photo.objects.downloadable_by(guest).filter(pk=photo.pk).exists(),
        "card": card,
        "data": photo_data(photo, restoration, request) if card else None,
    }
    return _as_it_may_be_found(render(request, "restoration/guest_photo.html", context), card)


@require_POST
def guest_choice(request: HttpRequest) -> HttpResponse:
    """The switch between restorations and originals: kept in this browser until it closes."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/public/"
    response = redirect(back)
    if request.POST.get("show") == ORIGINALS:
        response.set_cookie(SHOWN_COOKIE, ORIGINALS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    else:
        response.delete_cookie(SHOWN_COOKIE, samesite="Lax")
    return response


@require_safe
def guest_share_picture(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """The picture for where people pass a public photo's address on. What share links open has none."""
    guest = Guest()
    visible = GalleryPhoto.objects.visible_to(guest).with_latest_restoration(guest)
    photo = cast("GalleryPhoto", get_object_or_404(visible, pk=photo_id))
    restoration = photo.latest_restoration
    sha256 = restoration.result_sha256 if restoration else photo.original.sha256
    says = _("Restored by AI") if restoration else _("Original")
    try:
        with rendition_file(sha256, Rendition.Kind.WEB).open() as rendition:
            content = share_picture(rendition, says)
    except OSError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="image/jpeg")
    patch_cache_control(response, public=True, max_age=SHARE_PICTURE_SECONDS)
    return response


@require_safe
def guest_result_rendition(request: HttpRequest, restoration_id: UUID, kind: str) -> HttpResponseBase:
    """A picture of an approved result for showing."""
    visible = Restoration.objects.visible_to(guest_of(request))
    restoration = get_object_or_404(visible, pk=restoration_id)
    return rendition_response(request, result_file(restoration), kind)


@require_safe
def guest_result(request: HttpRequest, restoration_id: UUID) -> HttpResponseBase:
    """An approved result in full, where that is allowed; without camera positions and serial numbers."""
    allowed = Restoration.objects.downloadable_by(guest_of(request)).select_related("photo")
    restoration = get_object_or_404(allowed, pk=restoration_id)
    return attachment_for_guests(
        request,
        result_file(restoration),
        filename=download_name(restoration),
        media_type=restoration.result_media_type,
    )


def _described(row: Collection | Photo, names: list[str]) -> list[tuple[str, Any, str]]:
    """What is said about it: each with its label, the text, and the field's name; dates in words."""
    said = []
    for name in names:
        value = getattr(row, name)
        if value:
            label = cast("Any", row._meta.get_field(name)).verbose_name
            said.append((label, date_in_words(value) if name == "date_edtf" else value, name))
    return said


def _as_it_may_be_found(response: HttpResponse, card: object | None) -> HttpResponse:
    """What only a share link opens is kept out of search engines."""
    if card is None:
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
