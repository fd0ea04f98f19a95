"""The page from which a collection, or some photos of it, leave as a bag."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from archive.access.signed_in import SignedInRequest
from archive.bags.contents import Purpose
from archive.bags.responses import bag_response
from archive.errors import StateError
from archive.models import Collection, Photo
from archive.services import export_bag, may_export
from archive.views.selections import chosen_photos


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_export(request: SignedInRequest, collection_id: UUID) -> HttpResponseBase:
    """Asks what the bag is for, then sends it: of the photos that the address chooses (`chosen_photos`), or
    of everything.
    """
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    visible = Photo.objects.visible_to(request.user).within(collection)
    chosen = chosen_photos(request, collection, visible)
    refusal = ""
    if request.method == "POST":
        if request.POST.get("purpose") not in Purpose.values:
            return HttpResponseBadRequest()
        purpose = Purpose(request.POST["purpose"])
        if not may_export(collection=collection, actor=request.user, purpose=purpose):
            raise PermissionDenied
        try:
            bag = export_bag(collection=collection, actor=request.user, purpose=purpose, photos=chosen)
        except StateError as error:
            refusal = error.message
        else:
            return bag_response(bag, collection=collection, actor=request.user)
    photos = visible if chosen is None else chosen
    context = {
        "collection": collection,
        "is_selection": chosen is not None,
        "refusal": refusal,
        "may_keep": may_export(collection=collection, actor=request.user, purpose=Purpose.KEEPING),
        **photos.order_by().aggregate(photo_count=Count("pk"), byte_count=Sum("original__byte_size")),
    }
    return render(request, "archive/export.html", context, status=409 if refusal else 200)
