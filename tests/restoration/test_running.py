"""A worker's lease: one worker gets the row, and only whoever holds the lease may write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from archive.errors import StateError
from archive.files.storage import Area
from archive.models import Event
from archive.services import purge_photo
from restoration.errors import EngineError
from restoration.models import Restoration
from restoration.services import (
    claim_restoration,
    complete_restoration,
    fail_restoration,
    renew_lease,
    report_progress,
)
from tests.factories import make_outcome, make_restoration
from tests.stored import stored_path

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


@pytest.mark.django_db
def test_claim_counts_the_attempt_and_holds_a_lease(settings):
    settings.PULIH_LEASE_SECONDS = 90
    restoration = make_restoration(status=QUEUED)
    before = timezone.now()
    claimed = claim_restoration(restoration_id=restoration.id)
    assert (claimed.status, claimed.attempts, claimed.progress) == (RUNNING, 1, 0)
    assert timedelta(seconds=90) <= claimed.lease_expires_at - before < timedelta(seconds=95)
    assert claimed.started_at >= before


@pytest.mark.django_db
@pytest.mark.parametrize("status", [RUNNING, DONE, FAILED])
def test_only_a_queued_restoration_can_be_claimed(status):
    restoration = make_restoration(status=status)
    assert claim_restoration(restoration_id=restoration.id) is None
    assert Restoration.objects.get().attempts == 1


@pytest.mark.django_db
def test_nothing_to_claim_where_there_is_no_row():
    assert claim_restoration(restoration_id=uuid4()) is None


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_ask_at_once_one_gets_the_row():
    restoration = make_restoration(status=QUEUED)
    barrier = Barrier(8)

    def ask() -> bool:
        barrier.wait()
        try:
            return claim_restoration(restoration_id=restoration.id) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
    assert sorted(answers) == [False] * 7 + [True]
    assert Restoration.objects.get().attempts == 1


@pytest.mark.django_db
def test_progress_is_kept_within_a_hundred_and_renews_the_lease():
    claimed = make_restoration(status=RUNNING)
    Restoration.objects.update(lease_expires_at=timezone.now())
    assert report_progress(restoration=claimed, percent=140)
    row = Restoration.objects.get()
    assert row.progress == 100
    assert row.lease_expires_at > timezone.now()


@pytest.mark.django_db
def test_completing_writes_the_whole_provenance():
    claimed = make_restoration(status=RUNNING)
    outcome = make_outcome(claimed)
    complete_restoration(restoration=claimed, outcome=outcome)
    row = Restoration.objects.get()
    assert (row.status, row.progress, row.review_state) == (DONE, 100, "unreviewed")
    assert (row.lease_token, row.lease_expires_at) == (None, None)
    assert row.started_at <= row.finished_at
    for field in outcome.__slots__:
        assert getattr(row, field) == getattr(outcome, field), field
    details = Event.objects.get(kind="restoration-done").details
    assert details == {"restoration": str(row.id), "attempt": 1, "result_sha256": outcome.result_sha256}


@pytest.mark.django_db
def test_failing_writes_code_and_sentence():
    claimed = make_restoration(status=RUNNING)
    fail_restoration(restoration=claimed, code="restoration:engine:timeout")
    row = Restoration.objects.get()
    assert (row.status, row.error_code) == (FAILED, "restoration:engine:timeout")
    assert row.error_message == "The restoration took longer than this machine allows."
    assert row.failure_sentence == row.error_message
    assert Event.objects.get(kind="restoration-failed").details["code"] == "restoration:engine:timeout"


@pytest.mark.django_db
def test_whoever_lost_the_lease_writes_nothing():
    """The sweep has given the row to another worker; the first one comes back from the dead."""
    late = make_restoration(status=RUNNING)
    Restoration.objects.update(status=QUEUED, lease_token=None, lease_expires_at=None)
    now_working = claim_restoration(restoration_id=late.id)
    outcome = make_outcome(late)
    assert not renew_lease(restoration=late)
    assert not report_progress(restoration=late, percent=50)
    for write in (
        lambda: complete_restoration(restoration=late, outcome=outcome),
        lambda: fail_restoration(restoration=late, code="restoration:engine:unexpected"),
    ):
        with pytest.raises(StateError) as refused:
            write()
        assert refused.value.code == "restoration:lease:lost"
    row = Restoration.objects.get()
    assert (row.status, row.progress, row.lease_token) == (RUNNING, 0, now_working.lease_token)
    assert renew_lease(restoration=now_working)


@pytest.mark.django_db
def test_a_result_that_is_gone_again_is_not_called_done():
    claimed = make_restoration(status=RUNNING)
    outcome = make_outcome(claimed)
    stored_path(Area.RESULTS, outcome.result_sha256, ".png").unlink()
    with pytest.raises(EngineError) as refused:
        complete_restoration(restoration=claimed, outcome=outcome)
    assert refused.value.code == "restoration:engine:result-missing"
    assert Restoration.objects.get().status == RUNNING


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (DONE, {"result_sha256": ""}),
        (FAILED, {"error_code": ""}),
        (RUNNING, {"lease_token": None}),
        (RUNNING, {"progress": 101}),
    ],
)
def test_the_database_refuses_rows_that_contradict_themselves(status, fields):
    make_restoration(status=status)
    with pytest.raises(IntegrityError), transaction.atomic():
        Restoration.objects.update(**fields)


@pytest.mark.django_db
def test_result_files_go_with_the_last_row_that_names_them(django_capture_on_commit_callbacks):
    done = make_restoration()
    again = make_restoration(photo=done.photo)
    assert again.result_sha256 == done.result_sha256
    files = [
        stored_path(Area.RESULTS, done.result_sha256, ".png"),
        stored_path(Area.RENDITIONS, done.result_sha256, "-web.webp"),
        stored_path(Area.RENDITIONS, done.result_sha256, "-thumbnail.jpg"),
    ]
    with django_capture_on_commit_callbacks(execute=True):
        done.delete()
    assert all(path.is_file() for path in files)
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=again.photo, actor=again.photo.uploaded_by)
    assert not any(path.exists() for path in files)
