"""People's decisions about restorations: one or many at once, each by itself; and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from archive.errors import InputError, StateError
from archive.services import NewEvent, record_events
from restoration import messages
from restoration.keeping.events import EventKind
from restoration.models import Reservation, Restoration, Review
from restoration.reviewing.reasons import Reason
from restoration.reviewing.rules import Rule, rules_over

BATCH = 500
"""Rows that are locked and looked at together; all batches are one transaction."""

_Item = TypeVar("_Item")
_APPROVED, _REJECTED = Review.Decision.APPROVED, Review.Decision.REJECTED
_UNREVIEWED = Restoration.ReviewState.UNREVIEWED


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be decided about the restoration with this id. `reason`: a Reason, of a rejection only."""

    restoration: UUID
    decision: str
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of one decision: `review` and the review state that follows, or the error that refused it.

    An approval after which the state is still "unreviewed" waits for a second one.
    """

    restoration: UUID
    review: Review | None = None
    state: str = ""
    error: InputError | StateError | None = None

    @property
    def waits_for_second(self) -> bool:
        """Whether it was an approval that does not count until somebody else gives one."""
        return bool(self.review and self.review.decision == _APPROVED and self.state == _UNREVIEWED)


def review_restoration(
    *,
    restoration: Restoration,
    reviewer: User,
    decision: str,
    reason: str = "",
    comment: str = "",
    expected_state: str | None = None,
) -> Review:
    """Add a decision (`Review.Decision`) about a finished restoration; the newest one is its review state.

    `expected_state`: the review state that the reviewer saw; None decides whatever it is by now.
    Raises StateError `restoration:review:not-permitted`, `:not-done`, `:decided-meanwhile`, `:own-upload`,
    `:second-needed` or `:unknown-decision`, InputError `:unknown-reason`.
    """
    wanted = Decision(restoration.pk, decision, reason, comment)
    (result,) = decide_restorations(decisions=[wanted], reviewer=reviewer, expected_state=expected_state)
    if result.error is not None:
        raise result.error
    assert result.review is not None  # a result has the one or the other
    restoration.refresh_from_db(fields=["review_state", "first_approved_by"])
    return result.review


@transaction.atomic
def decide_restorations(
    *,
    decisions: Sequence[Decision],
    reviewer: User,
    expected_state: str | None = _UNREVIEWED,
) -> list[DecisionResult]:
    """Decide about any number of restorations, each by itself; a refused one (errors as above) stops none.

    Whoever decides about the same restoration at the same moment waits for the row, and then finds another
    state than `expected_state`. Results are in the order of `decisions`.
    """
    return [
        result for batch in _batches(decisions) for result in _decide_batch(batch, reviewer, expected_state)
    ]


@transaction.atomic
def undo_reviews(*, restorations: Sequence[UUID], actor: User) -> list[DecisionResult]:
    """Take back `actor`'s own newest decisions about these restorations, which then are not reviewed again.

    That is a decision of its own; the first of two approvals stays when somebody else gave it. Errors of
    single results: StateError `restoration:review:not-permitted`, `restoration:undo:nothing` or
    `restoration:undo:not-yours`, when somebody has decided since.
    """
    batches = (_undo_batch(batch, actor) for batch in _batches(restorations))
    return [result for batch in batches for result in batch]


def _batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _decide_batch(
    decisions: Sequence[Decision], reviewer: User, expected_state: str | None
) -> list[DecisionResult]:
    rows = _locked(reviewer, [each.restoration for each in decisions])
    rules = rules_over(row.photo.collection_id for row in rows.values())
    results, decided, events = [], {}, []
    for each in decisions:
        row = rows.get(each.restoration)
        try:
            row = _checked(each, row, expected_state)
            if row.pk in decided:  # the same one twice in a batch: like two people, the first one wins
                raise messages.state_error("restoration:review:decided-meanwhile")
            kind = _apply(row, each.decision, reviewer, rules[row.photo.collection_id])
        except (InputError, StateError) as error:
            results.append(DecisionResult(each.restoration, error=error))
            continue
        review = Review(
            restoration=row,
            reviewer=reviewer,
            decision=each.decision,
            reason=each.reason,
            comment=each.comment.strip(),
        )
        decided[row.pk] = review
        events.append(_event(kind, review))
        results.append(DecisionResult(row.pk, review, row.review_state))
    _write(decided.values(), events)
    return results


def _undo_batch(restorations: Sequence[UUID], actor: User) -> list[DecisionResult]:
    rows = _locked(actor, restorations)
    newest: dict[UUID, Review] = {}
    for review in Review.objects.filter(restoration__in=rows).order_by("created_at", "id"):
        newest[review.restoration_id] = review
    results, undone, events = [], {}, []
    for key in dict.fromkeys(restorations):
        row, last = rows.get(key), newest.get(key)
        try:
            row, last = _checked_undo(row, last, actor)
        except StateError as error:
            results.append(DecisionResult(key, error=error))
            continue
        if row.review_state != Restoration.ReviewState.APPROVED or row.first_approved_by_id == actor.pk:
            row.first_approved_by = None
        row.review_state = _UNREVIEWED
        undone[key] = Review(restoration=row, reviewer=actor, decision=Review.UNDONE)
        events.append(_event(EventKind.UNDONE, undone[key], undoes=str(last.pk)))
        results.append(DecisionResult(key, undone[key], row.review_state))
    _write(undone.values(), events)
    return results


def _locked(reviewer: User, keys: Sequence[UUID]) -> dict[UUID, Restoration]:
    """Those of the restorations about which the reviewer may decide; nobody else does until the end."""
    rows = (
        Restoration.objects.reviewable_by(reviewer)
        .filter(pk__in=keys)
        .select_related("photo__collection")
        .order_by("pk")  # everybody in one order, so that nobody waits for somebody who waits for him
        .select_for_update(of=("self",), no_key=True)
    )
    return {row.pk: row for row in rows}


def _checked(wanted: Decision, row: Restoration | None, expected_state: str | None) -> Restoration:
    if wanted.decision not in Review.Decision.values:
        raise messages.state_error("restoration:review:unknown-decision")
    if wanted.reason and (wanted.reason not in Reason.values or wanted.decision != _REJECTED):
        raise messages.input_error("restoration:review:unknown-reason")
    if row is None:
        raise messages.state_error("restoration:review:not-permitted")
    if row.status != Restoration.Status.DONE:
        raise messages.state_error("restoration:review:not-done")
    if expected_state is not None and row.review_state != expected_state:
        raise messages.state_error("restoration:review:decided-meanwhile")
    return row


def _apply(row: Restoration, decision: str, reviewer: User, rules: Iterable[Rule]) -> EventKind:
    """Give the row the state that follows from the decision under these rules, and say what happened."""
    if decision == _REJECTED:
        row.review_state, row.first_approved_by = Restoration.ReviewState.REJECTED, None
        return EventKind.REJECTED
    if Rule.NOT_OWN in rules and row.photo.uploaded_by_id == reviewer.pk:
        raise messages.state_error("restoration:review:own-upload")
    if Rule.TWO in rules and row.review_state != Restoration.ReviewState.APPROVED:
        if row.first_approved_by_id == reviewer.pk:
            raise messages.state_error("restoration:review:second-needed")
        if row.first_approved_by_id is None:
            row.review_state, row.first_approved_by = _UNREVIEWED, reviewer
            return EventKind.APPROVED_ONCE
    row.review_state = Restoration.ReviewState.APPROVED
    return EventKind.APPROVED


def _checked_undo(row: Restoration | None, last: Review | None, actor: User) -> tuple[Restoration, Review]:
    if row is None:
        raise messages.state_error("restoration:review:not-permitted")
    if last is None or last.decision == Review.UNDONE:
        raise messages.state_error("restoration:undo:nothing")
    if last.reviewer_id != actor.pk:
        raise messages.state_error("restoration:undo:not-yours")
    return row, last


def _event(kind: EventKind, review: Review, **details: str) -> NewEvent:
    photo = review.restoration.photo
    if review.reason:
        details["reason"] = review.reason
    return NewEvent(
        kind=kind,
        collection=photo.collection,
        photo=photo,
        actor=review.reviewer,
        details={"restoration": str(review.restoration_id), "review": str(review.pk), **details},
    )


def _write(reviews: Iterable[Review], events: Sequence[NewEvent]) -> None:
    """Add the reviews, give their restorations the new state, and clear the photos from the desks."""
    written = list(reviews)
    if not written:
        return
    Review.objects.bulk_create(written)
    changed: dict[tuple[str, int | None], list[UUID]] = {}
    for review in written:
        row = review.restoration
        changed.setdefault((row.review_state, row.first_approved_by_id), []).append(row.pk)
    for (state, first), keys in changed.items():
        Restoration.objects.filter(pk__in=keys).update(review_state=state, first_approved_by=first)
    rows = [review.restoration for review in written]
    own = Q(photo__in=[row.photo_id for row in rows], reviewer=written[0].reviewer)
    done_with = Q(photo__in=[row.photo_id for row in rows if row.review_state != _UNREVIEWED])
    Reservation.objects.filter(own | done_with).delete()
    record_events(events=events)
