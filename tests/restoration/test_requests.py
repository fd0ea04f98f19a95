"""Asking for restorations: one at a time for a photo, and the queue hears of it only after the commit."""

import pytest
from django.db import transaction
from django_q.models import OrmQ

from archive.arrivals import begin_work
from archive.errors import InputError, StateError
from archive.models import Event, Photo
from archive.services import ingest_photo
from restoration.models import Restoration
from restoration.services import request_restoration
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration, make_upload


def queued_ids() -> list[str]:
    """The ids that messages in the queue speak of."""
    return [message.args()[0] for message in OrmQ.objects.all()]


@pytest.mark.django_db
def test_request_makes_a_queued_row_with_what_is_known_already():
    photo = make_photo()
    restoration = request_restoration(photo=photo, requested_by=photo.uploaded_by)
    restoration.refresh_from_db()
    assert restoration.status == Restoration.Status.QUEUED
    assert (restoration.attempts, restoration.progress) == (0, 0)
    assert restoration.original_sha256 == photo.original.sha256
    assert restoration.seed == int(photo.original.sha256[:8], 16)
    event = Event.objects.get(kind="restoration-requested")
    assert (event.photo, event.actor) == (photo, photo.uploaded_by)
    assert event.details == {"restoration": str(restoration.id)}


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Restoration.Status.QUEUED, Restoration.Status.RUNNING])
def test_a_second_request_is_refused_while_the_first_is_active(status):
    restoration = make_restoration(status=status)
    with pytest.raises(StateError, match=r"^This photo is already being restored\.$") as refused:
        request_restoration(photo=restoration.photo, requested_by=None)
    assert refused.value.code == "restoration:request:already-active"
    assert Restoration.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Restoration.Status.DONE, Restoration.Status.FAILED])
def test_a_finished_restoration_can_be_followed_by_another(status):
    first = make_restoration(status=status)
    second = request_restoration(photo=first.photo, requested_by=None)
    assert list(first.photo.restorations.all()) == [second, first]


@pytest.mark.django_db(transaction=True)
def test_the_queue_hears_of_a_request_after_the_commit_and_not_before():
    photo = make_photo()
    with transaction.atomic():
        restoration = request_restoration(photo=photo, requested_by=None)
        assert queued_ids() == []
    assert queued_ids() == [str(restoration.id)]
    assert OrmQ.objects.get().func() == "restoration.tasks.run_restoration"


@pytest.mark.django_db(transaction=True)
def test_the_queue_never_hears_of_a_request_that_was_rolled_back():
    photo = make_photo()
    with transaction.atomic():
        request_restoration(photo=photo, requested_by=None)
        transaction.set_rollback(True)
    assert (queued_ids(), Restoration.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_broken_queue_loses_no_request(monkeypatch):
    """The row is what counts: the sweep sends a new message for it."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no queue")

    photo = make_photo()
    monkeypatch.setattr("restoration.services.requests.async_task", refuse)
    restoration = request_restoration(photo=photo, requested_by=None)
    assert Restoration.objects.get().id == restoration.id
    assert queued_ids() == []


def arrive(collection, content=None):
    """As pages, API, ZIPs and folders all take a file in."""
    return ingest_photo(
        collection=collection,
        uploaded_by=collection.owner,
        file=make_upload(content),
        filename="a.png",
        in_same_transaction=begin_work,
    )


@pytest.mark.django_db(transaction=True)
def test_upload_queues_a_restoration_where_the_collection_wants_it():
    collection = make_collection(auto_restore=True)
    photo = arrive(collection)
    restoration = photo.restorations.get()
    assert restoration.requested_by == collection.owner
    assert queued_ids() == [str(restoration.id)]


@pytest.mark.django_db(transaction=True)
def test_upload_queues_nothing_where_the_collection_does_not():
    collection = make_collection(auto_restore=False)
    photo = arrive(collection)
    assert (photo.restorations.count(), queued_ids()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_photo_and_its_automatic_restoration_are_one_transaction(monkeypatch):
    """If the request cannot be written, neither is the photo; the same upload then simply works."""
    collection = make_collection()
    content = pictures.png(pictures.portrait(seed=7))

    def crash(**kwargs: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("restoration.services.requests.request_restoration", crash)
        with pytest.raises(RuntimeError):
            arrive(collection, content)
        assert Photo.objects.count() == 0
    photo = arrive(collection, content)
    assert photo.restorations.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refused_file_queues_nothing():
    collection = make_collection()
    with pytest.raises(InputError) as refused:
        arrive(collection, b"text")
    assert refused.value.code == "archive:file:not-an-image"
    assert (Restoration.objects.count(), queued_ids()) == (0, [])
