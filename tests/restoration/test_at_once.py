"""The same thing asked for by many at one moment, over REST: one gets it, the others are told."""

from collections import Counter

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from archive.access.roles import Role
from archive.models import Event
from restoration.models import Restoration
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_request_sixteen_times_makes_one_restoration() -> None:
    album = make_collection(auto_restore=False)
    photo = make_photo(collection=album)
    address = reverse("api:photo-restorations", args=[photo.pk])
    clients = [client_of(album.owner) for _ in range(16)]
    answers = at_once(*[lambda client=client: client.post(address) for client in clients])
    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 15}
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"restoration:request:already-active"}
    (row,) = Restoration.objects.all()
    assert [message.args() for message in OrmQ.objects.all()] == [(str(row.pk),)]
    assert Event.objects.filter(kind="restoration-requested").count() == 1


def test_of_two_reviewers_one_decides_and_the_other_is_told() -> None:
    people = [make_user(), make_user()]
    album = make_collection(members=dict.fromkeys(people, Role.REVIEWER), auto_restore=False)
    only = make_restoration(photo=make_photo(collection=album))
    address = reverse("api:restoration-reviews", args=[only.pk])
    asked = [(client_of(who), verdict) for who, verdict in zip(people, ["approved", "rejected"], strict=True)]
    answers = at_once(
        *[
            lambda client=client, verdict=verdict: client.post(
                address, {"decision": verdict, "expected_state": "unreviewed"}, format="json"
            )
            for client, verdict in asked
        ]
    )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (201, 409)
    assert lost.json()["code"] == "restoration:review:decided-meanwhile"
    only.refresh_from_db()
    assert only.review_state == won.json()["decision"]
    assert only.reviews.count() == 1
