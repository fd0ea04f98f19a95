"""The database into one file, and out of it again: SQLite by its online backup, PostgreSQL by its tools."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from archive.messages import state_error

SQLITE_FILE = "pulih.sqlite3"
POSTGRES_FILE = "pulih.pgdump"


def dump_name() -> str:
    """What the file of a dump is called: each kind of database has its own, and takes no other."""
    return SQLITE_FILE if connection.vendor == "sqlite" else POSTGRES_FILE


def dump_database(target: Path) -> None:
    """Write the database to the file `target`, as this connection sees it: inside `database_snapshot`, with
    no writer waiting.

    Raises StateError `archive:backup:tool-failed` with what PostgreSQL's tool said.
    """
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        copy = sqlite3.connect(target)
        try:
            # By the very connection that holds the snapshot, and in one go: what others write meanwhile stays
            # out.
            connection.connection.backup(copy, pages=-1)
            # A single file, without the helpers of WAL beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    else:
        _run("pg_dump", "--format=custom", f"--snapshot={_shared_snapshot()}", f"--file={target}")


def load_database(source: Path) -> None:
    """Fill the empty database from a dump. Raises StateError `archive:restore:database-in-use` unless it is
    empty, or `archive:backup:tool-failed`.
    """
    refuse_database_in_use()
    if connection.vendor == "sqlite":
        stored = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            connection.ensure_connection()
            stored.backup(connection.connection)
        finally:
            stored.close()
    else:
        # All or nothing; what belongs to whom is this installation's affair.
        _run(
            "pg_restore",
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={_parameters()['dbname']}",
            str(source),
        )
    connection.close()


def refuse_database_in_use() -> None:
    """Raise StateError `archive:restore:database-in-use` when the database holds any table."""
    if connection.introspection.table_names():
        raise state_error("archive:restore:database-in-use")


def _shared_snapshot() -> str:
    """The name by which PostgreSQL's tool reads what this connection's transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        name: str = cursor.fetchone()[0]
    return name


def _run(*command: str) -> None:
    parameters = _parameters()
    environment = {
        **os.environ,
        **{
            variable: str(parameters[name])
            for name, variable in _VARIABLES.items()
            if parameters.get(name) not in {None, ""}
        },
    }
    done = _done(command, environment)
    if done.returncode != 0:
        raise state_error("archive:backup:tool-failed", tool=command[0], message=done.stderr.strip())


def _done(command: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise state_error("archive:backup:tool-missing", tool=command[0]) from error


# In the environment and not on the command line, where everybody on the machine could read the password.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def _parameters() -> dict[str, Any]:
    return dict(connection.get_connection_params())
