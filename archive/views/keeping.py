"""Pages that tell how well things are kept: files read again, legal hold, and what happened."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from archive.access.signed_in import SignedInRequest, View, signed_in_poll
from archive.errors import InputError, PulihError
from archive.events.verification import chain_head
from archive.fixity.standing import (
    Standing,
    counts_by_kind,
    shelves_read_lately,
    standing_of_archive,
    standing_of_collection,
    standing_of_photo,
)
from archive.forms.keeping import HoldForm, LiftForm
from archive.models import SHELVES, Collection, Event, FixityRun, Photo
from archive.querysets.pages import KeyPage, page_by_key
from archive.queue.keeping_tasks import enqueue_fixity_run
from archive.services import holding_collection, lift_legal_hold, set_legal_hold, start_fixity_run

EVENTS_PER_PAGE = 50
RUNS_SHOWN = 30

PAGE, LAST = "page", "last"
"""In addresses: the place at which a page of the log begins, and instead of one the end of the log."""

_FIXITY = "archive:collection_fixity"


@login_required
@require_safe
def collection_keeping(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """A collection's fixity, legal hold and log."""
    return _collection_page(request, _visible(request, collection_id))


@login_required
@require_POST
def hold_set(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Puts a collection under legal hold."""
    collection = _owned(request, collection_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _collection_page(request, collection, status=400, hold_form=form)
    set_legal_hold(collection=collection, actor=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, _("The collection is under legal hold."))
    return redirect("archive:collection_keeping", collection.pk)


@login_required
@require_POST
def hold_lift(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Lifts the hold that stands on the collection itself."""
    collection = _owned(request, collection_id)
    form = LiftForm(request.POST)
    if not form.is_valid():
        return _collection_page(request, collection, status=400, lift_form=form)
    try:
        lift_legal_hold(collection=collection, actor=request.user, reason=form.cleaned_data["reason"])
    except PulihError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The legal hold is lifted."))
    return redirect("archive:collection_keeping", collection.pk)


@signed_in_poll
@require_http_methods(["GET", "HEAD", "POST"])
def collection_fixity(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """The panel, while a check runs; by POST a new check, for curators."""
    collection = _visible(request, collection_id)
    may_check = Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists()
    if request.method == "POST":
        if not may_check:
            raise PermissionDenied
        _start(request, collection=collection)
        return redirect("archive:collection_keeping", collection.pk)
    address = reverse(_FIXITY, args=[collection.pk])
    return _panel(request, standing_of_collection(collection), address, may_check=may_check)


@signed_in_poll
@require_http_methods(["GET", "HEAD", "POST"])
def photo_fixity(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """The panel of a photo's page, while a check runs; by POST a new check, for curators."""
    photos = Photo.objects.visible_to(request.user).select_related("original", "collection")
    photo = get_object_or_404(photos, pk=photo_id)
    may_check = Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists()
    if request.method == "POST":
        if not may_check:
            raise PermissionDenied
        _start(request, photo=photo)
        return redirect("restoration:photo_detail", photo.pk)
    address = reverse("archive:photo_fixity", args=[photo.pk])
    return _panel(request, standing_of_photo(photo), address, may_check=may_check)


def for_operators(view: View) -> View:
    """Pages about the whole archive: for those who administer the platform."""

    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return signed_in_poll(checked)


@for_operators
@require_safe
def archive_keeping(request: SignedInRequest) -> HttpResponse:
    """Fixity of everything, the log of its runs, and the head of the event log."""
    runs = FixityRun.objects.select_related("collection", "photo", "requested_by")[:RUNS_SHOWN]
    context = {
        "standing": standing_of_archive(),
        "address": reverse("archive:archive_fixity"),
        "may_check": True,
        "counts": counts_by_kind(),
        "percent_read": 100 * shelves_read_lately() // SHELVES,
        "days": settings.PULIH_FIXITY_DAYS,
        "runs": runs,
        "head": chain_head(),
    }
    return render(request, "archive/archive_keeping.html", context)


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def archive_fixity(request: SignedInRequest) -> HttpResponse:
    """The panel, while a check of everything runs; by POST a new one."""
    if request.method == "POST":
        _start(request)
        return redirect("archive:archive_keeping")
    return _panel(request, standing_of_archive(), reverse("archive:archive_fixity"), may_check=True)


def _start(request: SignedInRequest, **what: Any) -> None:
    try:
        run = start_fixity_run(requested_by=request.user, **what)
    except PulihError as error:
        messages.error(request, error.message)
        return
    transaction.on_commit(lambda: enqueue_fixity_run(run), robust=True)


def _panel(request: SignedInRequest, standing: Standing, address: str, *, may_check: bool) -> HttpResponse:
    context = {"standing": standing, "address": address, "may_check": may_check}
    response = render(request, "archive/_fixity.html", context)
    return response if standing.running else HttpResponseStopPolling(response.content)


def _collection_page(
    request: SignedInRequest, collection: Collection, *, status: int = 200, **forms: Any
) -> HttpResponse:
    page = _page_of_log(request, collection)
    address = reverse("archive:collection_keeping", args=[collection.pk])
    links = {
        "first": address,
        "previous": page.previous and f"{address}?{PAGE}={page.previous}",
        "next": page.next and f"{address}?{PAGE}={page.next}",
        "last": f"{address}?{PAGE}={LAST}",
    }
    holding = holding_collection(collection.pk)
    context = {
        "collection": collection,
        "standing": standing_of_collection(collection),
        "address": reverse(_FIXITY, args=[collection.pk]),
        "may_check": Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists(),
        "may_hold": Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists(),
        "holding": holding,
        "hold_form": HoldForm(),
        "lift_form": LiftForm(),
        "events": page.rows,
        "page_links": links if page.next or page.previous else None,
    }
    return render(request, "archive/collection_keeping.html", context | forms, status=status)


def _page_of_log(request: SignedInRequest, collection: Collection) -> KeyPage:
    """The page that the address asks for; the first one where it names no place in the log."""
    place = request.GET.get(PAGE, "")
    visible = Collection.objects.visible_to(request.user).within(collection)
    log = partial(
        page_by_key,
        Event.objects.for_lists(),
        size=EVENTS_PER_PAGE,
        collections=visible.keys_to_filter_by(),
    )
    if place == LAST:
        return log(from_end=True)
    try:
        return log(place=place)
    except InputError:
        return log()


def _visible(request: SignedInRequest, collection_id: UUID) -> Collection:
    return get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)


def _owned(request: SignedInRequest, collection_id: UUID) -> Collection:
    collection = _visible(request, collection_id)
    if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
        raise PermissionDenied
    return collection
