"""The progress of a collection: numbers, time left, and what can be done, on the page and over REST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.models import Collection, Membership, Photo
from restoration.models import Pause, Restoration
from restoration.progress.estimates import time_left
from restoration.progress.standing import standing_of
from restoration.services import pause_restorations, review_restoration
from restoration.templatetags.restoration_progress import roughly
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.html_page import Page, get_page

Status = Restoration.Status
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def minutes(*numbers: float) -> list[datetime]:
    return [NOW - timedelta(minutes=number) for number in numbers]


class TestEstimate:
    def test_the_pace_of_the_last_ones_goes_on(self) -> None:
        """Four minutes from the oldest until now brought two more: two minutes each."""
        assert time_left(minutes(4, 2, 0), waiting=10, now=NOW) == timedelta(minutes=20)

    def test_a_worker_that_has_stopped_makes_it_longer(self) -> None:
        assert time_left(minutes(24, 22, 20), waiting=10, now=NOW) == timedelta(minutes=120)

    @pytest.mark.parametrize("finished", [[], minutes(1, 0), minutes(50, 40, 35, 1, 0)])
    def test_too_few_say_nothing(self, finished: list[datetime]) -> None:
        assert time_left(finished, waiting=10, now=NOW) is None

    @pytest.mark.parametrize(
        ("left", "said"),
        [
            (timedelta(seconds=2), "1 minute"),
            (timedelta(minutes=90), "90 minutes"),
            (timedelta(minutes=91), "2 hours"),
            (timedelta(hours=49), "3 days"),
        ],
    )
    def test_is_told_roughly(self, left: timedelta, said: str) -> None:
        assert roughly(left) == said


@pytest.fixture
def whole(curator: User) -> Collection:
    return make_collection(owner=curator, title="Fonds")


@pytest.fixture
def crowd(whole: Collection, curator: User) -> dict[str, Photo]:
    """A photo in every state, half of them in a part of the collection, and one elsewhere."""
    part = make_collection(owner=curator, parent=whole, title="Series")
    photos = {
        state: make_photo(collection=collection, filename=f"{state}.png")
        for state, collection in [
            ("none", whole),
            ("queued", part),
            ("running", whole),
            ("failed", part),
            ("unreviewed", whole),
            ("approved", part),
            ("rejected", whole),
        ]
    }
    for state in ("queued", "running", "failed"):
        make_restoration(photo=photos[state], status=Status(state))
    for state in ("unreviewed", "approved", "rejected"):
        done = make_restoration(photo=photos[state])
        if state != "unreviewed":
            review_restoration(restoration=done, reviewer=curator, decision=state)
    make_restoration(photo=make_photo(collection=make_collection(owner=curator)), status=Status.QUEUED)
    return photos


def page_at(collection: Collection, name: str = "progress") -> str:
    return reverse(f"restoration:{name}", args=[collection.pk])


@pytest.mark.django_db
class TestStanding:
    def test_counts_photos_here_and_below(
        self, whole: Collection, crowd: dict[str, Photo], curator: User
    ) -> None:
        standing = standing_of(whole, curator)
        assert (standing.waiting, standing.running, standing.failed, standing.not_asked_for) == (1, 1, 1, 1)
        assert (standing.done, standing.reviewed, standing.total) == (3, 2, 7)

    def test_time_left_is_that_of_what_waits_and_runs(
        self, whole: Collection, crowd: dict[str, Photo], curator: User
    ) -> None:
        """Four have come to an end, the first of them three minutes ago: one a minute."""
        ended = Restoration.objects.within(whole).filter(status__in=[Status.DONE, Status.FAILED])
        for number, restoration in enumerate(ended):
            moment = NOW - timedelta(minutes=number)
            Restoration.objects.filter(pk=restoration.pk).update(finished_at=moment)
        assert standing_of(whole, curator, now=NOW).time_left == timedelta(minutes=2)
        pause_restorations(collection=whole, actor=curator)
        assert standing_of(whole, curator, now=NOW).time_left is None

    def test_pause_further_up_is_named(
        self, whole: Collection, crowd: dict[str, Photo], curator: User
    ) -> None:
        part = Collection.objects.get(title="Series")
        pause_restorations(collection=whole, actor=curator)
        pause = standing_of(part, curator).pause
        assert pause is not None
        assert pause.collection == whole
        pause_restorations(collection=part, actor=curator)
        pause = standing_of(part, curator).pause
        assert pause is not None
        assert pause.collection == part


@pytest.mark.django_db
class TestPage:
    def test_shows_numbers_bars_and_reasons(
        self, signed_in: Client, whole: Collection, crowd: dict[str, Photo]
    ) -> None:
        page = get_page(signed_in, page_at(whole))
        assert [tally.text for tally in page.all("div", class_="tally")] == [
            "Waiting 1",
            "Being restored 1",
            "Restored 3",
            "Reviewed 2",
            "Failed 1",
            "Not restored 1",
        ]
        bars = {bar["aria-label"]: (bar["value"], bar["max"]) for bar in page.all("progress")}
        assert bars == {"Restored": ("3", "7"), "Reviewed": ("2", "3"), "running.png": ("0", "100")}
        (row,) = page.all("tr")[1:]
        assert "Something unexpected went wrong." in row.text
        assert "not known yet" not in page.one("p", id="progress-left").text  # four were finished just now

    def test_fragment_is_asked_for_as_long_as_something_moves(
        self, signed_in: Client, whole: Collection, crowd: dict[str, Photo]
    ) -> None:
        response = signed_in.get(page_at(whole, "progress_state"))
        fragment = Page(response.content.decode()).one("section", id="progress-state")
        assert (response.status_code, fragment["hx-get"]) == (200, page_at(whole, "progress_state"))
        Restoration.objects.active().delete()
        response = signed_in.get(page_at(whole, "progress_state"))
        assert response.status_code == 286
        assert "hx-get" not in Page(response.content.decode()).one("section", id="progress-state").attributes

    def test_says_when_nobody_can_tell(self, signed_in: Client, whole: Collection) -> None:
        make_restoration(photo=make_photo(collection=whole), status=Status.QUEUED)
        assert "not known yet" in get_page(signed_in, page_at(whole)).one("p", id="progress-left").text

    def test_pause_go_on_and_cancel(
        self, signed_in: Client, whole: Collection, crowd: dict[str, Photo]
    ) -> None:
        page = page_after_post(signed_in, page_at(whole, "pause"))
        assert Pause.objects.get().collection == whole
        told = " ".join(notice.text for notice in page.all("p", class_="notice"))
        assert "What is being restored stops in a moment and waits again." in told
        assert "nothing is restored until somebody goes on" in told
        assert page.one("p", id="progress-left").text == "Paused."
        assert [button.text for button in page.all("button") if button.text == "Go on"] == ["Go on"]
        signed_in.post(page_at(whole, "resume"))
        assert not Pause.objects.exists()
        page = page_after_post(signed_in, page_at(whole, "cancel"))
        told = [notice.text for notice in page.all("p", class_="notice")]
        assert "2 restorations were cancelled." in told
        assert not Restoration.objects.within(whole).active().exists()

    @pytest.mark.parametrize("asks", ["all", "chosen", "none", "nonsense"])
    def test_failed_ones_are_tried_again(
        self, signed_in: Client, whole: Collection, crowd: dict[str, Photo], asks: str
    ) -> None:
        photo = crowd["failed"]
        body = {"all": {"all": "1"}, "chosen": {"photo": str(photo.pk)}, "nonsense": {"photo": "x"}}
        signed_in.post(page_at(whole, "retry"), body.get(asks, {}))
        number = 2 if asks in ("all", "chosen") else 1
        assert photo.restorations.count() == number

    def test_controls_are_for_those_who_may(self, client: Client, whole: Collection) -> None:
        make_restoration(photo=make_photo(collection=whole), status=Status.FAILED)
        make_restoration(photo=make_photo(collection=whole), status=Status.QUEUED)
        seen = {}
        for role in (Membership.Role.VIEWER, Membership.Role.REVIEWER):
            member = make_user()
            Membership.objects.create(collection=whole, user=member, role=role)
            client.force_login(member)
            page = get_page(client, page_at(whole))
            seen[role] = {form["action"] for form in page.all("form")}
        controls = {page_at(whole, name) for name in ("pause", "cancel", "retry")}
        assert seen[Membership.Role.VIEWER] & controls == set()
        assert seen[Membership.Role.REVIEWER] & controls == {page_at(whole, "retry")}

    def test_number_of_queries_does_not_grow(self, signed_in: Client, whole: Collection) -> None:
        numbers = []
        for number in (2, 6):
            while whole.photos.count() < number:
                make_restoration(photo=make_photo(collection=whole), status=Status.FAILED)
            make_restoration(photo=make_photo(collection=whole), status=Status.RUNNING)
            with CaptureQueriesContext(connection) as queries:
                signed_in.get(page_at(whole))
            numbers.append(len(queries))
        assert numbers[0] == numbers[1]


def page_after_post(client: Client, address: str) -> Page:
    response = client.post(address, follow=True)
    return Page(response.content.decode())


@pytest.mark.django_db
class TestOverRest:
    def test_the_same_numbers_and_controls(
        self, signed_in: Client, whole: Collection, crowd: dict[str, Photo]
    ) -> None:
        def at(name: str) -> str:
            return reverse(f"api:collection-{name}", args=[whole.pk])

        standing = signed_in.get(at("progress")).json()
        assert {name: standing[name] for name in ("total", "waiting", "running", "done", "failed")} == {
            "total": 7,
            "waiting": 1,
            "running": 1,
            "done": 3,
            "failed": 1,
        }
        assert standing["seconds_left"] is not None
        assert signed_in.post(at("pause")).json()["paused_by_collection"] == str(whole.pk)
        assert signed_in.post(at("resume")).json()["paused_by_collection"] is None
        assert signed_in.post(at("cancel")).json()["waiting"] == 0
        retried = signed_in.post(at("retry"), {"photos": [str(crowd["failed"].pk)]}, "application/json")
        assert (retried.status_code, retried.json()) == (202, {"queued": 1, "left_out": 0})
        wanted = {"photos": [str(crowd["none"].pk)], "thorough": True}
        named = signed_in.post(at("restore"), wanted, "application/json")
        assert named.json() == {"queued": 1, "left_out": 0}
        assert crowd["none"].restorations.get().thorough
        everything = signed_in.post(at("restore"), content_type="application/json")
        assert everything.json() == {"queued": 5, "left_out": 2}
        assert Restoration.objects.filter(thorough=True).count() == 1
