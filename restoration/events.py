"""What restoration writes into a collection's events."""

from django.db.models import TextChoices


class EventKind(TextChoices):
    """Kinds beside the archive's own; `details` always name the restoration."""

    REQUESTED = "restoration-requested"
    DONE = "restoration-done"
    FAILED = "restoration-failed"
    REQUEUED = "restoration-requeued"
    QUARANTINED = "restoration-quarantined"
    APPROVED = "restoration-approved"
    REJECTED = "restoration-rejected"
