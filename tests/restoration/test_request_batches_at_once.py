"""Several uploads and several workers at the same moment: one batch, one mail."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from restoration.models import RequestBatch, Restoration
from restoration.services import request_restoration
from restoration.tasks import tell_finished_batches
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_uploads_at_the_same_time_go_into_one_batch_and_workers_tell_of_it_once() -> None:
    sri = make_user("sri", email="sri@example.org")
    collection = make_collection(owner=sri, auto_restore=False)
    photos = [make_photo(collection=collection) for _ in range(4)]
    asked = at_once(
        *[lambda photo=photo: request_restoration(photo=photo, requested_by=sri) for photo in photos]
    )
    assert {type(outcome) for outcome in asked} == {Restoration}
    batch = RequestBatch.objects.get()
    assert batch.restorations.count() == 4
    before = timezone.now() - timedelta(minutes=10)
    Restoration.objects.update(status=Restoration.Status.DONE, result_sha256="0" * 64, finished_at=before)
    RequestBatch.objects.update(opened_at=before)
    at_once(*[tell_finished_batches] * 4)
    assert [sent.subject for sent in mail.outbox] == ["Pulih: 4 restorations have finished"]
    # What is asked for afterwards goes into the next.
    request_restoration(photo=photos[0], requested_by=sri)
    assert RequestBatch.objects.open().get().restorations.count() == 1
