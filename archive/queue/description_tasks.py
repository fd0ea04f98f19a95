"""What the queue calls for tables of descriptions. A task takes an id and calls services."""

from __future__ import annotations

from uuid import UUID

from archive import services

# After this (seconds) a table lets the restorations that wait behind it have a turn.
TURN_SECONDS = 60.0


def continue_metadata(import_id: str) -> str:
    """Go on with a table for a while. Returns a word for the queue's log."""
    kept = services.claim_metadata(import_id=UUID(import_id))
    if kept is None:
        return "nothing to do"
    ended = services.continue_metadata(metadata_import=kept, seconds=TURN_SECONDS)
    return kept.state if ended else "to be continued"


def sweep_metadata() -> str:
    """Bring back tables that a dead worker dropped, and remove old ones; scheduled every minute."""
    return f"{services.sweep_metadata()} tables queued again"
