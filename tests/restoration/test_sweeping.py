"""Bringing back what a dead worker dropped, and giving up on what kills every worker."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from archive.models import Event
from restoration.models import Restoration
from restoration.schedule import ensure_sweep_is_scheduled
from restoration.services import claim_restoration, sweep_restorations
from tests.factories import make_restoration

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def expire_leases() -> None:
    Restoration.objects.filter(status=RUNNING).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def age(seconds: float) -> None:
    Restoration.objects.update(requested_at=timezone.now() - timedelta(seconds=seconds))


def queued_ids() -> list[str]:
    return [message.args()[0] for message in OrmQ.objects.all()]


@pytest.mark.django_db
def test_what_a_dead_worker_was_writing_goes_and_a_living_one_s_stays(media_root):
    dead, living = make_restoration(status=RUNNING), make_restoration(status=RUNNING)
    for restoration in (dead, living):
        folder = media_root / "incoming" / f"restoration-{restoration.pk}-{restoration.lease_token}"
        folder.mkdir()
        (folder / "rows").write_bytes(bytes(100))
    Restoration.objects.filter(pk=dead.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    sweep_restorations()
    (left,) = (media_root / "incoming").iterdir()
    assert left.name.startswith(f"restoration-{living.pk}-")


@pytest.mark.django_db(transaction=True)
def test_an_expired_lease_is_queued_again():
    restoration = make_restoration(status=RUNNING)
    OrmQ.objects.all().delete()
    expire_leases()
    report = sweep_restorations()
    assert (report.requeued, report.quarantined, report.enqueued) == (1, 0, 0)
    row = Restoration.objects.get()
    assert (row.status, row.attempts, row.lease_token) == (QUEUED, 1, None)
    assert queued_ids() == [str(restoration.id)]
    assert Event.objects.filter(kind="restoration-requeued").count() == 1


@pytest.mark.django_db
def test_a_lease_that_still_runs_is_left_alone():
    make_restoration(status=RUNNING)
    assert str(sweep_restorations()) == "0 queued again, 0 quarantined, 0 lost messages sent again"
    assert Restoration.objects.get().status == RUNNING


@pytest.mark.django_db
def test_after_three_attempts_it_is_put_aside(settings):
    settings.PULIH_MAX_ATTEMPTS = 3
    restoration = make_restoration(status=QUEUED)
    for attempt in (1, 2, 3):
        assert claim_restoration(restoration_id=restoration.id).attempts == attempt
        expire_leases()
        report = sweep_restorations()
        assert (report.requeued, report.quarantined) == ((1, 0) if attempt < 3 else (0, 1))
    row = Restoration.objects.get()
    assert (row.status, row.error_code) == (FAILED, "restoration:attempts:exhausted")
    assert row.error_message.startswith("The worker stopped without an answer each time")
    assert claim_restoration(restoration_id=restoration.id) is None
    assert Event.objects.filter(kind="restoration-quarantined").count() == 1


@pytest.mark.django_db
def test_a_worker_that_answers_between_read_and_write_wins(monkeypatch):
    restoration = make_restoration(status=RUNNING)
    expire_leases()
    read = Restoration.objects.get()
    Restoration.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=60))
    monkeypatch.setattr(
        "restoration.querysets.RestorationQuerySet.select_related", lambda self, *names: [read]
    )
    assert sweep_restorations().requeued == 0
    assert Restoration.objects.get(id=restoration.id).status == RUNNING


@pytest.mark.django_db
@pytest.mark.parametrize("status", [DONE, FAILED])
def test_finished_restorations_are_left_alone(status):
    make_restoration(status=status)
    age(3600)
    assert str(sweep_restorations()) == "0 queued again, 0 quarantined, 0 lost messages sent again"


@pytest.mark.django_db
def test_a_message_that_was_never_sent_is_sent():
    """The web process died between the commit and its callbacks; in this test they never run."""
    restoration = make_restoration(status=QUEUED)
    assert sweep_restorations().enqueued == 0  # it may be about to be sent
    age(120)
    assert sweep_restorations().enqueued == 1
    assert queued_ids() == [str(restoration.id)]
    assert sweep_restorations().enqueued == 0  # the message waits; no second one


@pytest.mark.django_db
def test_a_message_locked_by_a_dead_cluster_is_sent_again():
    """It would come back only after `retry` seconds."""
    restoration = make_restoration(status=QUEUED)
    age(120)
    sweep_restorations()
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=2))
    assert sweep_restorations().enqueued == 1
    assert queued_ids() == [str(restoration.id)] * 2


@pytest.mark.django_db
def test_messages_of_other_tasks_and_broken_ones_do_not_disturb():
    make_restoration(status=QUEUED)
    age(120)
    OrmQ.objects.create(key="pulih", payload="not signed", lock=timezone.now() - timedelta(seconds=1))
    assert sweep_restorations().enqueued == 1


@pytest.mark.django_db
def test_the_sweep_is_scheduled_every_minute_once():
    """By `migrate`, which made the test database too; running again changes nothing."""
    ensure_sweep_is_scheduled()
    schedule = Schedule.objects.get(func="restoration.tasks.sweep")
    assert (schedule.schedule_type, schedule.minutes, schedule.repeats) == (Schedule.MINUTES, 1, -1)


@pytest.mark.django_db
def test_migrate_puts_the_schedule_back():
    Schedule.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert Schedule.objects.filter(func="restoration.tasks.sweep").count() == 1
