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


# Seconds that a connection serves one request after the other. To open one, SQLite's too, costs more
# processor time than most of the questions that it is then asked.
_SERVES = 60


def with_defaults(database: dict[str, Any]) -> dict[str, Any]:
    """Return `database` (as parsed from a URL) with the options that Pulih relies on."""
    if database["ENGINE"] == "django.db.backends.sqlite3":
        options = {**_SQLITE_OPTIONS, **database.get("OPTIONS", {})}
        return {"CONN_MAX_AGE": _SERVES, **database, "OPTIONS": options}
    return {"CONN_MAX_AGE": _SERVES, "CONN_HEALTH_CHECKS": True, **database}
