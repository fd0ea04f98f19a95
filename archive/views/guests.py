"""Pages and files for guests: what is public, and what share links open. Nobody needs an account here.

Every read goes through the Guest of the request and so sees approved work only.
"""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from archive.access.guests import guest_of, has_followed, let_in
from archive.errors import EndedError
from archive.files.file_responses import attachment_for_guests
from archive.files.page_responses import rendition_response
from archive.files.storage import Area, StoredFile
from archive.models import Collection, Photo, ShareLink
from archive.presentation.overviews import with_overview
from archive.services import count_visit

COLLECTIONS_PER_PAGE = 24


@never_cache
@require_safe
def share_link(request: HttpRequest, key: str) -> HttpResponse:
    """Lets this browser in and leads on; the key leaves the address, and no referrer carries it away."""
    link = ShareLink.objects.opened_by(key).first()
    if link is None or not Collection.objects.present().filter(pk=link.collection_id).exists():
        raise EndedError(_("This link has ended or was revoked."))
    if not has_followed(request, link):
        let_in(request, link)
        count_visit(link=link)
    response = redirect("restoration:guest_collection", link.collection_id)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
def public_collections(request: HttpRequest) -> HttpResponse:
    """What this guest may look at: the topmost of the open collections, newest first."""
    open_to_guest = Collection.objects.visible_to(guest_of(request))
    topmost = open_to_guest.exclude(parent__in=open_to_guest.values("pk"))
    page = Paginator(with_overview(topmost), COLLECTIONS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "archive/public_collections.html", {"page": page})


@require_safe
def guest_rendition(request: HttpRequest, photo_id: UUID, kind: str) -> HttpResponseBase:
    """A picture of an original for showing."""
    visible = Photo.objects.visible_to(guest_of(request)).select_related("original")
    photo = get_object_or_404(visible, pk=photo_id)
    return rendition_response(request, StoredFile(Area.ORIGINALS, photo.original.sha256), kind)


@require_safe
def guest_original(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """The original as a download, where that is allowed; without camera positions and serial numbers."""
    allowed = Photo.objects.downloadable_by(guest_of(request)).select_related("original")
    photo = get_object_or_404(allowed, pk=photo_id)
    stored = StoredFile(Area.ORIGINALS, photo.original.sha256)
    return attachment_for_guests(
        request, stored, filename=photo.filename, media_type=photo.original.media_type
    )
