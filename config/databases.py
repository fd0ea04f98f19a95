"""Database settings: SQLite tuned for one web and some worker processes, or what DATABASE_URL names."""

from typing import Any

_SQLITE_OPTIONS = {
    # A transaction that will write takes its lock at the start and waits for it, instead of failing half-way.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds
    # Readers do not wait for the writer, and a commit costs no full disk flush.
    # The file is read where the system keeps it in memory (up to so many bytes), without copying each page.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=1073741824;",
}


def with_defaults(database: dict[str, Any]) -> dict[str, Any]:
    """Return `database` (as parsed from a URL) with the options that Pulih relies on."""
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return {**database, "OPTIONS": {**_SQLITE_OPTIONS, **database.get("OPTIONS", {})}}
    return {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, **database}
