"""Legal hold: what stands under it stays, with everything below it, until the hold is lifted."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from archive.events.kinds import EventKind
from archive.messages import input_error, state_error
from archive.models import Collection, Lineage
from archive.services.events import record_event


@transaction.atomic
def set_legal_hold(*, collection: Collection, actor: User, reason: str) -> None:
    """Put `collection`, and everything below it, under legal hold.

    Raises InputError archive:hold:no-reason or archive:hold:long-reason.
    """
    reason = reason.strip()
    limit = Collection._meta.get_field("legal_hold_reason").max_length or 0
    if not reason:
        raise input_error("archive:hold:no-reason")
    if len(reason) > limit:
        raise input_error("archive:hold:long-reason", limit=limit)
    # The row's lock makes a deletion that is going on, and this, wait for each other.
    row = Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
    row.legal_hold, row.legal_hold_reason = True, reason
    row.save(update_fields=["legal_hold", "legal_hold_reason"])
    record_event(collection=row, kind=EventKind.HOLD_SET, actor=actor, details={"reason": reason})
    collection.legal_hold, collection.legal_hold_reason = True, reason


@transaction.atomic
def lift_legal_hold(*, collection: Collection, actor: User, reason: str = "") -> None:
    """Lift the hold that stands on `collection` itself. Raises StateError archive:hold:not-held."""
    row = Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
    if not row.legal_hold:
        raise state_error("archive:hold:not-held")
    details = {"reason": reason.strip(), "was": row.legal_hold_reason}
    row.legal_hold, row.legal_hold_reason = False, ""
    row.save(update_fields=["legal_hold", "legal_hold_reason"])
    record_event(collection=row, kind=EventKind.HOLD_LIFTED, actor=actor, details=details)
    collection.legal_hold, collection.legal_hold_reason = False, ""


def holding_collection(collection_id: UUID) -> Collection | None:
    """The collection whose legal hold keeps this one: itself, or the nearest above it; None for none."""
    line = (
        Lineage.objects.filter(descendant=collection_id, ancestor__legal_hold=True)
        .select_related("ancestor")
        .order_by("distance")
        .first()
    )
    return line.ancestor if line else None


def refuse_if_held(collection_id: UUID, *, with_parts: bool = False) -> None:
    """Raise StateError archive:hold:held where a legal hold keeps the collection.

    `with_parts`: or something below it. For use inside a transaction that removes something: the locks that
    this takes make a hold that is being set wait for its end.
    """
    lines = Q(below__descendant=collection_id)
    if with_parts:
        lines |= Q(above__ancestor=collection_id)
    keys = Collection.objects.filter(lines).values("pk")
    rows = Collection.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    held = next((row for row in rows if row.legal_hold), None)
    if held is not None:
        raise state_error("archive:hold:held", collection=held.title)
