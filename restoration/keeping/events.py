"""What restoration writes into a collection's events."""

from django.db.models import TextChoices
from django.utils.translation import gettext_noop

from archive.events.types import DERIVATION, POLICY_ASSIGNMENT, QUALITY_REVIEW, EventType


class EventKind(TextChoices):
    """Kinds beside the archive's own; `details` name the restoration, or a whole collection is concerned."""

    REQUESTED = "restoration-requested"
    DONE = "restoration-done"
    FAILED = "restoration-failed"
    REQUEUED = "restoration-requeued"
    QUARANTINED = "restoration-quarantined"
    CANCELLED = "restoration-cancelled"
    SET_BACK = "restoration-set-back"
    PAUSED = "restorations-paused"
    RESUMED = "restorations-resumed"
    APPROVED_ONCE = "restoration-approved-once"
    APPROVED = "restoration-approved"
    REJECTED = "restoration-rejected"
    UNDONE = "restoration-review-undone"
    RULE_SET = "review-rule-set"


EVENT_TYPES: dict[str, EventType] = {
    EventKind.REQUESTED: EventType(gettext_noop("Restoration requested"), "derivation requested"),
    EventKind.DONE: EventType(gettext_noop("Restoration finished"), DERIVATION),
    EventKind.FAILED: EventType(gettext_noop("Restoration failed"), DERIVATION),
    EventKind.REQUEUED: EventType(gettext_noop("Worker lost, restoration queued again"), DERIVATION),
    EventKind.QUARANTINED: EventType(
        gettext_noop("Restoration given up after repeated losses of the worker"), DERIVATION
    ),
    EventKind.CANCELLED: EventType(gettext_noop("Restoration cancelled"), "derivation cancelled"),
    EventKind.SET_BACK: EventType(
        gettext_noop("Restoration stopped by a pause, queued again"), "derivation paused"
    ),
    EventKind.PAUSED: EventType(gettext_noop("Restorations paused"), "derivation paused"),
    EventKind.RESUMED: EventType(gettext_noop("Restorations resumed"), "derivation resumed"),
    EventKind.APPROVED: EventType(gettext_noop("Restoration approved"), QUALITY_REVIEW),
    EventKind.REJECTED: EventType(gettext_noop("Restoration rejected"), QUALITY_REVIEW),
    EventKind.APPROVED_ONCE: EventType(
        gettext_noop("Restoration approved; a second person has to approve it, too"), QUALITY_REVIEW
    ),
    EventKind.UNDONE: EventType(gettext_noop("Decision about the restoration undone"), QUALITY_REVIEW),
    EventKind.RULE_SET: EventType(gettext_noop("Rule for approvals changed"), POLICY_ASSIGNMENT),
}
"""What they are called; registered by RestorationConfig."""
