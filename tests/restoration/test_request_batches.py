"""One mail when everything that somebody asked for has come to its end: once, in his own language."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import Schedule

from archive.models import Upload
from archive.services import change_profile
from restoration.models import RequestBatch, Restoration
from restoration.services import request_restoration
from restoration.tasks import tell_finished_batches
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

Status = Restoration.Status


@pytest.fixture
def sri():
    return make_user("sri", email="sri@example.org")


@pytest.fixture
def collection(sri):
    return make_collection(owner=sri, title="Album of 1932", auto_restore=False)


def ask(collection, person, number):
    """So many new photos of the collection, each with a restoration that the person has asked for."""
    return [
        request_restoration(photo=make_photo(collection=collection), requested_by=person)
        for _ in range(number)
    ]


def end(restorations, status, *, minutes_ago=10):
    """What has ended as `status`; all that there is was asked for before that."""
    when = timezone.now() - timedelta(minutes=minutes_ago)
    fields = {"error_code": "restoration:engine:unexpected"} if status == Status.FAILED else {}
    fields |= {"result_sha256": "0" * 64} if status == Status.DONE else {}
    ids = [each.pk for each in restorations]
    Restoration.objects.filter(pk__in=ids).update(status=status, finished_at=when, **fields)
    RequestBatch.objects.update(opened_at=when - timedelta(minutes=10))


def test_one_mail_with_counts_and_a_link_and_never_again(settings, sri, collection):
    settings.PULIH_ADDRESS = "https://archive.example.org"
    asked = ask(collection, sri, 4)
    end(asked[:2], Status.DONE)
    assert tell_finished_batches() == "0 batches closed"
    end(asked[2:3], Status.FAILED)
    end(asked[3:], Status.CANCELLED)
    for _ in range(3):
        tell_finished_batches()
    (sent,) = mail.outbox
    assert sent.to == ["sri@example.org"]
    assert sent.subject == "Pulih: 3 restorations have finished"
    assert "2 photographs have been restored" in sent.body
    assert "Album of 1932: 2 restored, 1 failed" in sent.body
    assert f"https://archive.example.org/collections/{collection.pk}/" in sent.body
    assert "https://archive.example.org/account/" in sent.body
    assert not sent.alternatives  # nothing that could call home


def test_in_the_persons_language(sri, collection):
    change_profile(user=sri, language="id")
    end(ask(collection, sri, 2), Status.DONE)
    tell_finished_batches()
    assert mail.outbox[0].subject == "Pulih: 2 pemulihan telah selesai"
    # Without PULIH_ADDRESS nobody knows where this platform is.
    assert "http" not in mail.outbox[0].body


def test_what_is_asked_for_later_is_another_batch(sri, collection):
    end(ask(collection, sri, 2), Status.DONE)
    tell_finished_batches()
    end(ask(collection, sri, 3), Status.DONE)
    tell_finished_batches()
    assert [sent.subject for sent in mail.outbox] == [
        "Pulih: 2 restorations have finished",
        "Pulih: 3 restorations have finished",
    ]


def test_each_person_hears_of_his_own(sri, collection):
    other = make_user("budi", email="budi@example.org")
    ask(collection, sri, 2)
    end(ask(make_collection(owner=other), other, 2), Status.DONE)
    tell_finished_batches()
    assert [sent.to for sent in mail.outbox] == [["budi@example.org"]]


@pytest.mark.parametrize("why", ["no wish", "no address", "one photo", "all cancelled", "left"])
def test_no_mail_where_nobody_wants_one(sri, collection, why):
    asked = ask(collection, sri, 1 if why == "one photo" else 2)
    if why == "no wish":
        change_profile(user=sri, mail_when_finished=False)
    elif why == "no address":
        type(sri).objects.update(email="")
    elif why == "left":
        type(sri).objects.filter(pk=sri.pk).update(is_active=False)
    end(asked, Status.CANCELLED if why == "all cancelled" else Status.DONE)
    assert tell_finished_batches() == "1 batches closed"
    assert mail.outbox == []
    assert not RequestBatch.objects.to_be_told().exists()


def test_it_waits_while_files_come_in_and_a_little_longer(sri, collection):
    asked = ask(collection, sri, 2)
    end(asked, Status.DONE, minutes_ago=1)
    assert tell_finished_batches() == "0 batches closed"
    end(asked, Status.DONE)
    upload = Upload.objects.create(
        collection=collection,
        uploaded_by=sri,
        kind=Upload.Kind.PHOTO,
        filename="third.png",
        length=9,
        expires_at=timezone.now() + timedelta(hours=24),
    )
    assert tell_finished_batches() == "0 batches closed"
    # Left alone, it holds up nobody.
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now() + timedelta(hours=23))
    assert tell_finished_batches() == "1 batches closed"


def test_a_mail_that_cannot_be_sent_is_tried_again_but_not_for_ever(monkeypatch, sri, collection):
    end(ask(collection, sri, 2), Status.DONE)
    attempts = []

    def refuse(*args, **kwargs):
        attempts.append(args)
        raise OSError("no mail server")

    with monkeypatch.context() as patch:
        patch.setattr("restoration.presentation.batch_mail.send_mail", refuse)
        tell_finished_batches()
    tell_finished_batches()
    assert (len(attempts), len(mail.outbox)) == (1, 1)
    RequestBatch.objects.update(told_at=None, failed_mails=0)
    monkeypatch.setattr("restoration.presentation.batch_mail.send_mail", refuse)
    for _ in range(9):
        tell_finished_batches()
    assert len(attempts) == 1 + 5


def test_it_is_scheduled_every_minute():
    schedule = Schedule.objects.get(name="restoration-finished-batches")
    assert (schedule.func, schedule.minutes, schedule.repeats) == (
        "restoration.tasks.tell_finished_batches",
        1,
        -1,
    )
