"""What must be right for requests to be worth sending here. Cheap: some queries, one small file."""

from __future__ import annotations

from archive.health import databases, disks, stores
from archive.health.findings import Check, Finding, look
from restoration.health import queues

CHECKS: dict[str, Check] = {
    "database": databases.answering,
    "migrations": databases.migrations,
    "storage": stores.writable,
    "room": disks.room,
    "queue": queues.alive,
}


def readiness() -> dict[str, list[Finding]]:
    """What each check found, by its name; the platform is ready unless something is broken."""
    return {name: look(name, check) for name, check in CHECKS.items()}
