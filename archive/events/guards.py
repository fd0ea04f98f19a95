"""What the database does for the event log by itself: it refuses changes, and PostgreSQL makes the chain.

Put there after every migration, since SQLite loses triggers when a migration makes a table anew.
"""

from __future__ import annotations

from typing import Any

from django.db import NotSupportedError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_TABLES = ("archive_event", "archive_chainlink")
_REFUSAL = "Events are written once and never changed."
_CHAIN_LOCK = 0x50554C4948  # "PULIH"; one key for all transactions that want to add a link

_SQLITE_REFUSE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""

_POSTGRES_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION archive_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE OR REPLACE FUNCTION archive_link_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head archive_chainlink%ROWTYPE;
    place bigint;
    previous text;
BEGIN
    -- Held until the commit, which is the next thing to come; every statement after it sees the newest head.
    PERFORM pg_advisory_xact_lock({_CHAIN_LOCK});
    SELECT * INTO head FROM archive_chainlink ORDER BY sequence DESC LIMIT 1;
    place := coalesce(head.sequence, 0) + 1;
    previous := coalesce(head.hash, repeat('0', 64));
    INSERT INTO archive_chainlink (sequence, event_id, previous_hash, hash) VALUES (
        place, NEW.id, previous,
        encode(sha256(convert_to(previous || ':' || place || ':' || NEW.digest, 'UTF8')), 'hex')
    );
    RETURN NULL;
END $$;
"""
_POSTGRES_CHAIN = """
DROP TRIGGER IF EXISTS archive_event_chain ON archive_event;
CREATE CONSTRAINT TRIGGER archive_event_chain AFTER INSERT ON archive_event
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION archive_link_event();
"""
_POSTGRES_REFUSE = """
DROP TRIGGER IF EXISTS {table}_no_change ON {table};
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse_change();
"""


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers where they are missing. Raises NotSupportedError for another kind of database."""
    if connection.vendor == "postgresql":
        statements = [_POSTGRES_FUNCTIONS]
        if not guards_are_installed(connection):
            # Not made anew each time: that would take a lock which waits for every writer.
            statements += [_POSTGRES_CHAIN, *(_POSTGRES_REFUSE.format(table=table) for table in _TABLES)]
    elif connection.vendor == "sqlite":
        statements = [
            _SQLITE_REFUSE.format(table=table, verb=verb, refusal=_REFUSAL)
            for table in _TABLES
            for verb in ("update", "delete")
        ]
    else:
        raise NotSupportedError(f"no guards of the event log for {connection.vendor}")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove_guards(connection: BaseDatabaseWrapper) -> None:
    """Take the refusing triggers away: for a migration that must touch events, and for emptying a test's
    database.
    """
    with connection.cursor() as cursor:
        for name, table in _guards(connection):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def guards_are_installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether every trigger is there."""
    catalogue = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        present = {name for (name,) in cursor.fetchall()}
    wanted = {name for name, _table in _guards(connection)}
    if connection.vendor == "postgresql":
        wanted.add("archive_event_chain")
    return wanted <= present


def link_pending(connection: BaseDatabaseWrapper) -> None:
    """Give the events of the transaction that is open now their links, ahead of its commit: for reading
    them.
    """
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS archive_event_chain IMMEDIATE")
            cursor.execute("SET CONSTRAINTS archive_event_chain DEFERRED")


def install_guards_after_migration(using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate; before the tables have all their columns it waits for the next time."""
    connection = connections[using]
    if set(_TABLES) <= set(connection.introspection.table_names()):
        install_guards(connection)


def _guards(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Names of the refusing triggers, each with its table."""
    verbs = ("change",) if connection.vendor == "postgresql" else ("update", "delete")
    return [(f"{table}_no_{verb}", table) for table in _TABLES for verb in verbs]
