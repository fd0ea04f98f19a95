"""Pages on which collections are made, described and moved."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from archive.access.signed_in import SignedInRequest
from archive.description.history import shown_changes
from archive.errors import InputError, StateError
from archive.forms.descriptions import CollectionDescriptionForm, PlaceForm
from archive.models import Collection, Event, Level, Photo
from archive.querysets.visible import CollectionQuerySet
from archive.services import EventKind, create_collection, move_collection, update_collection

SHOWN_CHANGES = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_create(request: SignedInRequest) -> HttpResponse:
    """A form for a new collection, a part of the one in `?parent=` if there is one; then its gallery."""
    form = CollectionDescriptionForm(request.POST or None)
    place = PlaceForm(request.POST or None, visitor=request.user, initial=_place_below(request))
    if request.method == "POST" and form.is_valid() and place.is_valid():
        try:
            collection = create_collection(
                owner=request.user,
                parent=place.cleaned_data["parent"],
                level=place.cleaned_data["level"] or None,
                **form.cleaned_data,
            )
        except InputError as error:
            place.add_error(None, error.message)
        else:
            return redirect("restoration:collection_detail", collection.pk)
    context = {"form": form, "place": place, "parent": _asked_parent(request)}
    return render(request, "archive/collection_form.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_edit(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """A form with everything that is said about a collection, and what was changed in it before."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    _refuse_others(Collection.objects.curated_by(request.user), collection)
    form = CollectionDescriptionForm(request.POST or None, instance=collection)
    if request.method == "POST" and form.is_valid():
        try:
            update_collection(collection=collection, actor=request.user, **form.cleaned_data)
        except InputError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, gettext("The description has been saved."))
            return redirect("restoration:collection_detail", collection.pk)
    context = {
        "collection": Collection.objects.get(pk=collection.pk),
        "form": form,
        "changes": _changes(collection),
        "is_owner": Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists(),
    }
    return render(request, "archive/collection_edit.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_move(request: SignedInRequest, collection_id: UUID) -> HttpResponse:
    """Moves a collection with everything below it. For its owners: a move changes who has a role in it."""
    collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
    _refuse_others(Collection.objects.owned_by(request.user), collection)
    place = PlaceForm(request.POST or None, instance=collection, visitor=request.user)
    if request.method == "POST" and place.is_valid():
        try:
            move_collection(
                collection=collection,
                actor=request.user,
                parent=place.cleaned_data["parent"],
                level=place.cleaned_data["level"] or None,
            )
        except (InputError, StateError) as error:
            place.add_error(None, error.message)
        else:
            messages.success(request, gettext("The collection has been moved."))
            return redirect("restoration:collection_detail", collection.pk)
    kept = Collection.objects.get(pk=collection.pk)
    context = {
        "collection": kept,
        "place": place,
        "parts": Collection.objects.within(kept).count() - 1,
        "photos": Photo.objects.within(kept).count(),
    }
    return render(request, "archive/collection_move.html", context)


def _refuse_others(allowed: CollectionQuerySet, collection: Collection) -> None:
    if not allowed.filter(pk=collection.pk).exists():
        raise PermissionDenied


def _asked_parent(request: SignedInRequest) -> Collection | None:
    try:
        wanted = UUID(request.GET.get("parent", ""))
    except ValueError:
        return None
    return Collection.objects.curated_by(request.user).filter(pk=wanted).first()


def _place_below(request: SignedInRequest) -> dict[str, object]:
    parent = _asked_parent(request)
    return {"parent": parent, "level": Level(parent.level).below if parent else ""}


def _changes(collection: Collection) -> list[dict[str, object]]:
    """The newest changes of the collection itself, each with its fields."""
    kinds = [EventKind.COLLECTION_CREATED, EventKind.COLLECTION_CHANGED, EventKind.COLLECTION_MOVED]
    # By their keys: SQLite would go through all that happened in the order of its happening.
    keys = Event.objects.filter(collection=collection, kind__in=kinds).order_by().values("pk")
    events = Event.objects.filter(pk__in=keys).order_by("-created_at", "-pk")
    return [
        {"event": event, "fields": shown_changes(event.details, Collection)}
        for event in events[:SHOWN_CHANGES]
    ]
