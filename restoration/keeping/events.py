"""What restoration writes into a collection's events."""

from django.db.models import TextChoices
from django.utils.translation import gettext_noop

from archive.events.types import DERIVATION, QUALITY_REVIEW, EventType


class EventKind(TextChoices):
    """Kinds beside the archive's own; `details` always name the restoration."""

    REQUESTED = "restoration-requested"
    DONE = "restoration-done"
    FAILED = "restoration-failed"
    REQUEUED = "restoration-requeued"
    QUARANTINED = "restoration-quarantined"
    APPROVED = "restoration-approved"
    REJECTED = "restoration-rejected"


EVENT_TYPES: dict[str, EventType] = {
    EventKind.REQUESTED: EventType(gettext_noop("Restoration requested"), "derivation requested"),
    EventKind.DONE: EventType(gettext_noop("Restoration finished"), DERIVATION),
    EventKind.FAILED: EventType(gettext_noop("Restoration failed"), DERIVATION),
    EventKind.REQUEUED: EventType(gettext_noop("Worker lost, restoration queued again"), DERIVATION),
    EventKind.QUARANTINED: EventType(
        gettext_noop("Restoration given up after repeated losses of the worker"), DERIVATION
    ),
    EventKind.APPROVED: EventType(gettext_noop("Restoration approved"), QUALITY_REVIEW),
    EventKind.REJECTED: EventType(gettext_noop("Restoration rejected"), QUALITY_REVIEW),
}
"""What they are called; registered by RestorationConfig."""
