"""Pages on which photos are described, one or many."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from archive.access.signed_in import SignedInRequest
from archive.errors import InputError
from archive.forms.descriptions import BulkDescriptionForm, PhotoDescriptionForm
from archive.models import Collection, Photo, Tag
from archive.services import describe_photo, describe_photos
from archive.services.description import MAX_PHOTOS_AT_ONCE
from archive.views.selections import chosen_photos

SHOWN_PICTURES = 12
SUGGESTED_TAGS = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def photo_description(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """A form with everything that is said about a photo; then its page."""
    visible = Photo.objects.visible_to(request.user).select_related("original", "collection")
    photo = get_object_or_404(visible, pk=photo_id)
    if not Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists():
        raise PermissionDenied
    form = PhotoDescriptionForm(request.POST or None, instance=photo)
    if request.method == "POST" and form.is_valid():
        try:
            describe_photo(photo=photo, actor=request.user, **form.cleaned_data)
        except InputError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, gettext("The description has been saved."))
            return redirect("restoration:photo_detail", photo.pk)
    # The form writes what was typed into its instance; the page's heading is what is kept.
    context = {"photo": visible.get(pk=photo.pk), "form": form, "known_tags": _known_tags(photo.collection)}
    return render(request, "archive/photo_description.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def photos_description(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Describes several photos alike: those named by `photo`, or with `all` all in the gallery whose address
    ended with `found`.
    """
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    curated = Photo.objects.curated_by(request.user).within(collection)
    chosen = chosen_photos(request, collection, curated)
    photos = curated.none() if chosen is None else chosen
    # One more than can be described, to know that there are too many.
    keys = list(photos.order_by().values_list("pk", flat=True)[: MAX_PHOTOS_AT_ONCE + 1])
    gallery = reverse("restoration:collection_detail", args=[collection.pk])
    if request.GET.get("found"):
        gallery += f"?{QueryDict(request.GET['found']).urlencode()}"
    if not keys:
        messages.error(request, gettext("No photo was chosen."))
        return redirect(gallery)
    form = BulkDescriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = describe_photos(
                descriptions=dict.fromkeys(keys, form.description()), actor=request.user
            )
        except InputError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _told(len(changed)))
            return redirect(gallery)
    context = {
        "collection": collection,
        "form": form,
        "number": len(keys),
        "too_many": len(keys) > MAX_PHOTOS_AT_ONCE,
        "limit": MAX_PHOTOS_AT_ONCE,
        "shown": photos.filter(pk__in=keys[:SHOWN_PICTURES]).select_related("original"),
        "more": max(0, len(keys) - SHOWN_PICTURES),
        "gallery": gallery,
        "known_tags": _known_tags(collection),
    }
    return render(request, "archive/photos_description.html", context)


def _known_tags(collection: Collection) -> list[str]:
    """Tags in use nearby, for the browser to suggest."""
    used = Tag.objects.filter(photos__collection=collection).distinct().order_by("key")
    return list(used.values_list("name", flat=True)[:SUGGESTED_TAGS])


def _told(number: int) -> str:
    if not number:
        return gettext("All of them were described so already.")
    return ngettext(
        "%(number)s photo has been described.", "%(number)s photos have been described.", number
    ) % {"number": number}
