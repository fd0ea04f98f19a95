"""Whatever is done to restorations, in whatever order: each goes only where it may go from where it is."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from archive.access.roles import Role
from archive.errors import StateError
from archive.models import Collection, Event, Photo
from archive.services import delete_photo, take_back_photo
from restoration.models import Pause, Restoration
from restoration.services import (
    cancel_restoration,
    cancel_restorations,
    claim_restoration,
    complete_restoration,
    fail_restoration,
    is_wanted,
    pause_restorations,
    renew_lease,
    report_progress,
    request_restoration,
    request_restorations,
    resume_restorations,
    retry_restorations,
    review_restoration,
    set_back_restoration,
    sweep_restorations,
    undo_reviews,
)
from tests.factories import make_collection, make_outcome, make_photo, make_user

QUEUED, RUNNING, DONE, FAILED, CANCELLED = Restoration.Status.values
FINAL = {DONE, FAILED, CANCELLED}
MAY_FOLLOW = {QUEUED: {RUNNING, CANCELLED}, RUNNING: {QUEUED, *FINAL}, DONE: set(), FAILED: set()}
ENDS = {
    "restoration-done": DONE,
    "restoration-failed": FAILED,
    "restoration-quarantined": FAILED,
    "restoration-cancelled": CANCELLED,
}
any_row, either = st.integers(0, 7), st.sampled_from([0, 1])
Hand = Restoration
"""What a worker holds: the row as it was when it was claimed."""


class World:
    """Made once: a collection with two photos, its curator and a reviewer."""

    def __init__(self) -> None:
        reviewer = make_user()
        self.album: Collection = make_collection(members={reviewer: Role.REVIEWER}, auto_restore=False)
        self.people: list[User] = [self.album.owner, reviewer]
        self.photos: list[Photo] = [make_photo(collection=self.album) for _ in range(2)]


class Restorations(RuleBasedStateMachine):
    """Calls the services in any order, and knows from the rows before what each must do."""

    world: World
    hands = Bundle("hands")

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[UUID, tuple[str, str, int]] = {}
        self.is_deciding = False
        self.set_back: UUID | None = None
        self.undone = transaction.atomic()
        self.undone.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @property
    def curator(self) -> User:
        return self.world.album.owner

    def row(self, number: int) -> Restoration | None:
        rows = list(Restoration.objects.order_by("-requested_at", "id").select_related("photo__collection"))
        return rows[number % len(rows)] if rows else None

    def photo(self, number: int) -> Photo:
        return Photo.objects.get(pk=self.world.photos[number].pk)

    def is_held(self, hand: Hand) -> bool:
        now = Restoration.objects.get(pk=hand.pk)
        return now.status == RUNNING and now.lease_token == hand.lease_token

    def refused(self, code: str, call: Any, /, **arguments: Any) -> None:
        with pytest.raises(StateError) as refusal:
            call(**arguments)
        assert refusal.value.code == code

    @rule(number=either, promptly=st.booleans())
    def request(self, number: int, promptly: bool) -> None:
        photo = self.photo(number)
        arguments = {"photo": photo, "requested_by": self.curator, "promptly": promptly}
        if photo.restorations.filter(status__in=(QUEUED, RUNNING)).exists():
            self.refused("restoration:request:already-active", request_restoration, **arguments)
        else:
            request_restoration(**arguments)

    @rule()
    def request_all(self) -> None:
        photos = [photo.pk for photo in self.world.photos]
        free = Photo.objects.present().filter(pk__in=photos)
        free = free.exclude(restorations__status__in=(QUEUED, RUNNING))
        expected = set(free.values_list("pk", flat=True))
        report = request_restorations(photos=photos, requested_by=self.curator)
        assert set(report.restorations) == expected

    @rule(target=hands, number=any_row)
    def claim(self, number: int) -> Any:
        row = self.row(number)
        if row is None:
            return multiple()
        claimed = claim_restoration(restoration_id=row.pk)
        assert (claimed is not None) == (row.status == QUEUED and not Pause.objects.exists())
        if claimed is None:
            return multiple()
        assert claimed.attempts == row.attempts + 1
        return claimed

    @rule(hand=hands, percent=st.integers(-1, 101))
    def progress(self, hand: Hand, percent: int) -> None:
        is_held = self.is_held(hand)
        is_paused = Pause.objects.exists()
        assert report_progress(restoration=hand, percent=percent) == (is_held and not is_paused)
        assert is_wanted(restoration=hand) == (is_held and not is_paused)
        assert renew_lease(restoration=hand) == is_held

    @rule(hand=hands)
    def look_up_from_a_tile(self, hand: Hand) -> None:
        is_stopped = self.is_held(hand) and Pause.objects.exists()
        assert set_back_restoration(restoration=hand) == is_stopped
        if is_stopped:
            self.set_back = hand.pk

    @rule(hand=consumes(hands))
    def complete(self, hand: Hand) -> None:
        arguments = {"restoration": hand, "outcome": make_outcome(hand)}
        if self.is_held(hand):
            complete_restoration(**arguments)
        else:
            self.refused("restoration:lease:lost", complete_restoration, **arguments)

    @rule(hand=hands)
    def fail(self, hand: Hand) -> None:
        arguments = {"restoration": hand, "code": "restoration:engine:unexpected"}
        if self.is_held(hand):
            # On a row of its own: the worker's goes on knowing its token.
            fail_restoration(restoration=Restoration.objects.get(pk=hand.pk), code=arguments["code"])
        else:
            self.refused("restoration:lease:lost", fail_restoration, **arguments)

    @rule(number=any_row)
    def fall_silent_and_sweep(self, number: int) -> None:
        row = self.row(number)
        if row is None or row.status != RUNNING:
            assert sweep_restorations().requeued == 0
            return
        Restoration.objects.filter(pk=row.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        is_last = row.attempts >= settings.PULIH_MAX_ATTEMPTS
        report = sweep_restorations()
        assert (report.requeued, report.quarantined) == (int(not is_last), int(is_last))
        row.refresh_from_db()
        assert row.status == (FAILED if is_last else QUEUED)

    @rule(number=any_row)
    def cancel(self, number: int) -> None:
        row = self.row(number)
        if row is None:
            return
        if row.status in FINAL:
            self.refused("restoration:cancel:ended", cancel_restoration, restoration=row, actor=self.curator)
        else:
            cancel_restoration(restoration=row, actor=self.curator)

    @rule()
    def cancel_all(self) -> None:
        states = Counter(Restoration.objects.values_list("status", flat=True))
        report = cancel_restorations(collection=self.world.album, actor=self.curator)
        assert (report.waiting, report.running) == (states[QUEUED], states[RUNNING])

    @rule(number=any_row)
    def retry(self, number: int) -> None:
        row = self.row(number)
        if row is not None:
            again = Restoration.objects.filter(pk=row.pk)
            report = retry_restorations(restorations=again, requested_by=self.curator)
            assert row.status == FAILED or report.queued == report.left_out == 0

    @rule()
    def pause(self) -> None:
        pause_restorations(collection=self.world.album, actor=self.curator)

    @rule()
    def resume(self) -> None:
        waiting = Restoration.objects.filter(status=QUEUED).count() if Pause.objects.exists() else 0
        assert resume_restorations(collection=self.world.album, actor=self.curator) == waiting

    @rule(
        number=any_row,
        who=either,
        decision=st.sampled_from(["approved", "rejected"]),
        saw=st.sampled_from([None, "unreviewed", "approved"]),
    )
    def review(self, number: int, who: int, decision: str, saw: str | None) -> None:
        row = self.row(number)
        if row is None:
            return
        arguments = {"restoration": row, "reviewer": self.world.people[who], "decision": decision}
        arguments["expected_state"] = saw
        if row.photo.deleted_at:
            self.refused("restoration:review:not-permitted", review_restoration, **arguments)
        elif row.status != DONE:
            self.refused("restoration:review:not-done", review_restoration, **arguments)
        elif saw not in (None, row.review_state):
            self.refused("restoration:review:decided-meanwhile", review_restoration, **arguments)
        else:
            self.is_deciding = True
            review_restoration(**arguments)
            assert row.review_state == decision

    @rule(number=any_row, who=either)
    def undo(self, number: int, who: int) -> None:
        row = self.row(number)
        if row is None:
            return
        last = row.reviews.order_by("created_at", "id").last()
        (result,) = undo_reviews(restorations=[row.pk], actor=self.world.people[who])
        is_own = last is not None and last.decision != "undone" and last.reviewer == self.world.people[who]
        assert (result.error is None) == (is_own and row.photo.deleted_at is None)
        self.is_deciding = result.error is None

    @rule(number=either)
    def delete_or_take_back(self, number: int) -> None:
        photo = self.photo(number)
        (take_back_photo if photo.deleted_at else delete_photo)(photo=photo, actor=self.curator)

    @invariant()
    def every_row_went_where_it_may(self) -> None:
        rows = {row.pk: row for row in Restoration.objects.all()}
        assert rows.keys() >= self.seen.keys()
        for key, row in rows.items():
            status, review, attempts = self.seen.get(key, (QUEUED, "unreviewed", 0))
            assert row.status == status or row.status in MAY_FOLLOW.get(status, set())
            assert row.review_state == review or (self.is_deciding and row.status == DONE)
            counted = int(row.status == RUNNING and status == QUEUED) - int(key == self.set_back)
            assert row.attempts - attempts == counted
            self.seen[key] = (row.status, row.review_state, row.attempts)
        self.is_deciding, self.set_back = False, None

    @invariant()
    def every_row_is_whole(self) -> None:
        rows = list(Restoration.objects.all())
        active = Counter(row.photo_id for row in rows if row.is_active)
        assert max(active.values(), default=0) <= 1
        ended: dict[str, list[str]] = {}
        for event in Event.objects.filter(kind__in=ENDS):
            ended.setdefault(event.details["restoration"], []).append(ENDS[event.kind])
        for row in rows:
            assert (row.lease_token is not None) == (row.status == RUNNING)
            assert (row.finished_at is not None) == (row.status in FINAL)
            assert bool(row.result_sha256) == (row.status == DONE)
            assert bool(row.error_code) == (row.status == FAILED)
            assert row.attempts <= settings.PULIH_MAX_ATTEMPTS
            assert ended.get(str(row.pk), []) == ([row.status] if row.status in FINAL else [])


def run(examples: int, steps: int) -> None:
    Restorations.world = World()
    run_state_machine_as_test(
        Restorations,
        settings=effort(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_no_order_of_events_leads_where_it_must_not() -> None:
    run(examples=7, steps=25)


@pytest.mark.django_db
@pytest.mark.exhaustive
def test_no_order_of_ten_thousand_events_leads_where_it_must_not() -> None:
    run(examples=200, steps=50)
