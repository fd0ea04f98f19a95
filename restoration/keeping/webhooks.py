"""What restoration lets webhooks tell."""

from django.utils.translation import gettext_noop

from archive.webhooks.kinds import HookKind
from restoration.keeping.events import EventKind

BATCH_FINISHED = "batch.finished"

HOOK_KINDS: dict[str, HookKind] = {
    "restoration.finished": HookKind(
        gettext_noop("Restoration finished"), {EventKind.DONE: {}}, ("restoration", "result_sha256")
    ),
    "restoration.failed": HookKind(
        gettext_noop("Restoration failed"),
        {EventKind.FAILED: {}, EventKind.QUARANTINED: {"code": "restoration:attempts:exhausted"}},
        ("restoration", "code"),
    ),
    "restoration.cancelled": HookKind(
        gettext_noop("Restoration cancelled"), {EventKind.CANCELLED: {}}, ("restoration",)
    ),
    "review.decided": HookKind(
        gettext_noop("Restoration approved or rejected"),
        {
            EventKind.APPROVED: {"decision": "approved"},
            EventKind.APPROVED_ONCE: {"decision": "approved-once"},
            EventKind.REJECTED: {"decision": "rejected"},
        },
        ("restoration", "review", "reason"),
    ),
    "review.undone": HookKind(
        gettext_noop("Decision about a restoration undone"),
        {EventKind.UNDONE: {}},
        ("restoration", "review"),
    ),
    BATCH_FINISHED: HookKind(
        gettext_noop("Everything that one person asked for in one go has ended"),
        fields=("batch", "person", "done", "failed", "cancelled"),
    ),
}
"""Registered by RestorationConfig."""
