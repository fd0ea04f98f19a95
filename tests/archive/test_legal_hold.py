"""What is under legal hold stays, whoever deletes and whatever way."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from archive.errors import InputError, StateError
from archive.models import Collection, Event, Photo
from archive.services import (
    EventKind,
    create_collection,
    delete_collection,
    delete_photo,
    empty_bin,
    holding_collection,
    lift_legal_hold,
    purge_collection,
    purge_photo,
    set_legal_hold,
)
from restoration.models import Restoration
from tests.factories import make_collection, make_photo, make_restoration

pytestmark = pytest.mark.django_db


@pytest.fixture
def restoration() -> Restoration:
    """Of a photo in a series of a fonds under hold."""
    fonds = make_collection(title="Estate")
    series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
    restoration = make_restoration(photo=make_photo(collection=series))
    set_legal_hold(collection=fonds, actor=fonds.owner, reason="Court order 12/2026")
    return restoration


@pytest.mark.parametrize(
    "remove",
    [
        lambda each: delete_photo(photo=each.photo, actor=each.photo.uploaded_by),
        lambda each: purge_photo(photo=each.photo),
        lambda each: delete_collection(collection=each.photo.collection, actor=each.photo.uploaded_by),
        lambda each: purge_collection(collection=each.photo.collection.parent),
        lambda each: each.photo.delete(),
        lambda each: Photo.objects.all().delete(),
        lambda each: Collection.objects.filter(pk=each.photo.collection_id).delete(),
        lambda each: each.delete(),
        lambda each: Restoration.objects.all().delete(),
    ],
)
def test_nothing_under_hold_goes(restoration: Restoration, remove: Callable[[Restoration], None]) -> None:
    with pytest.raises(StateError) as refused, transaction.atomic():
        remove(restoration)
    assert refused.value.code == "archive:hold:held"
    assert "“Estate”" in refused.value.message
    restoration.refresh_from_db()
    restoration.photo.refresh_from_db()
    assert restoration.photo.deleted_at is None


def test_whole_stays_for_a_part_under_hold() -> None:
    fonds = make_collection()
    series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
    set_legal_hold(collection=series, actor=fonds.owner, reason="Claim")
    with pytest.raises(StateError):
        delete_collection(collection=fonds, actor=fonds.owner)
    assert holding_collection(fonds.pk) is None
    assert holding_collection(series.pk) == series


def test_bin_keeps_what_came_under_hold_afterwards() -> None:
    photo, free = make_photo(), make_photo()
    for each in (photo, free):
        delete_photo(photo=each, actor=each.uploaded_by)
    set_legal_hold(collection=photo.collection, actor=photo.uploaded_by, reason="Claim")
    report = empty_bin(now=timezone.now() + timedelta(days=31))
    assert (report.photos, report.held) == (1, 1)
    assert Photo.objects.get() == photo


def test_lifted_hold_lets_go_and_both_are_recorded() -> None:
    photo = make_photo()
    collection = photo.collection
    set_legal_hold(collection=collection, actor=collection.owner, reason=" Claim ")
    lift_legal_hold(collection=collection, actor=collection.owner, reason="Settled")
    delete_photo(photo=photo, actor=collection.owner)
    assert Event.objects.get(kind=EventKind.HOLD_SET).details == {"reason": "Claim"}
    assert Event.objects.get(kind=EventKind.HOLD_LIFTED).details == {"reason": "Settled", "was": "Claim"}


def test_hold_needs_a_reason_and_can_be_lifted_where_it_stands() -> None:
    fonds = make_collection()
    series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
    with pytest.raises(InputError):
        set_legal_hold(collection=fonds, actor=fonds.owner, reason=" ")
    set_legal_hold(collection=fonds, actor=fonds.owner, reason="Claim")
    with pytest.raises(StateError) as refused:
        lift_legal_hold(collection=series, actor=fonds.owner)
    assert refused.value.code == "archive:hold:not-held"
