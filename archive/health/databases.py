"""The database: that it answers, that it fits this code, and that it is set up as Pulih relies on."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from archive.health.findings import Finding, broken, fine, warning

_OWN_APPS = ("archive", "restoration")
# Locks of files, which SQLite lives by, are not to be trusted there.
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "glusterfs", "ceph"}
MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of PostgreSQL without which a power cut loses what was acknowledged."""
_NAMED = 5
_SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
MOUNTS = Path("/proc/self/mounts")


def answering() -> Iterator[Finding]:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    yield fine("database", "it answers")


def migrations() -> Iterator[Finding]:
    """Every migration of this code is applied, and none of a later one. One query."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    if missing := sorted(f"{app}.{name}" for app, name in _migrations_of_this_code() - applied):
        others = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        yield broken(
            "migrations",
            f"not applied: {', '.join(missing[:_NAMED])}{others}",
            "Run manage.py migrate, then restart web and workers.",
        )
        return
    ours = {(app, name) for app, name in applied if app in _OWN_APPS}
    if later := sorted(f"{app}.{name}" for app, name in ours - _migrations_of_this_code()):
        yield broken(
            "migrations",
            f"the database was made by later code, which knows {', '.join(later)}",
            "Install the version that the database was made by, or restore a backup of this version.",
        )
        return
    yield fine("migrations", "all applied")


def engine() -> Iterator[Finding]:
    """Which database this is, and that its settings are those that Pulih relies on."""
    if connection.vendor == "sqlite":
        yield from _sqlite()
    else:
        yield from _postgresql()


@cache
def _migrations_of_this_code() -> set[tuple[str, str]]:
    """App and name. The code of a process never changes, so its files are read once."""
    known = {config.label for config in apps.get_app_configs()}
    loader = MigrationLoader(None)
    return {key for key in loader.disk_migrations if key[0] in known}


def _sqlite() -> Iterator[Finding]:
    yield fine("database engine", f"SQLite {sqlite3.sqlite_version}, for one machine")
    journal, synchronous = (
        str(setting_value("PRAGMA journal_mode")),
        _SYNCHRONOUS[int(setting_value("PRAGMA synchronous"))],
    )
    if journal != "wal":
        yield broken(
            "database settings",
            f"journal_mode is {journal}, so that readers and writers wait for each other",
            "Remove what changes OPTIONS of DATABASES, and see that the database's folder can be written to.",
        )
    elif synchronous == "OFF":
        yield broken(
            "database settings",
            "synchronous is OFF, so that a power cut may destroy the database",
            "Remove what changes OPTIONS of DATABASES: Pulih's own are safe.",
        )
    else:
        yield fine("database settings", f"WAL, synchronous {synchronous}")
    path = Path(str(connection.settings_dict["NAME"]))
    if (kind := _file_system_of(path)) in _NETWORK_FILE_SYSTEMS:
        yield broken(
            "database place",
            f"SQLite lies on a network file system ({kind}), which loses writes",
            "Move PULIH_VAR_DIR to a disk of this machine, or use PostgreSQL (docs/operation.md).",
        )
    said = str(setting_value("PRAGMA quick_check(1)"))
    if said != "ok":
        yield broken(
            "database file",
            f"its file is damaged: {said}",
            "Stop web and workers, keep a copy of the file, and restore the newest backup.",
        )
    else:
        yield fine("database file", "its pages are sound")


def _postgresql() -> Iterator[Finding]:
    number = int(setting_value("SHOW server_version_num"))
    version = str(setting_value("SHOW server_version"))
    if number < 140000:
        yield broken("database engine", f"PostgreSQL {version}", "Upgrade it to version 14 or later.")
    else:
        yield fine("database engine", f"PostgreSQL {version}")
    encoding = str(setting_value("SHOW server_encoding"))
    if encoding != "UTF8":
        yield broken(
            "database settings",
            f"the database's encoding is {encoding}",
            "Make a database with ENCODING 'UTF8', and restore a backup into it.",
        )
    unsafe = [name for name in MUST_BE_ON if setting_value(f"SHOW {name}") == "off"]
    if unsafe:
        yield warning(
            "database settings",
            f"{', '.join(unsafe)} off: a power cut loses what was acknowledged",
            "Turn them on in postgresql.conf, unless this is a copy for trying things.",
        )
    elif encoding == "UTF8":
        yield fine("database settings", "UTF8, and what is acknowledged is on disk")
    yield from _backup_tool(number // 10000)


def _backup_tool(server: int) -> Iterator[Finding]:
    """`manage.py backup` needs PostgreSQL's own tool, which must not be older than the server."""
    tool = shutil.which("pg_dump")
    said = (
        subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
        if tool
        else ""
    )
    found = re.search(r"(\d+)", said)
    if found and int(found[1]) >= server:
        yield fine("backup tool", said.strip())
        return
    yield warning(
        "backup tool",
        f"pg_dump is {said.strip() or 'not on the PATH'}, so manage.py backup cannot work",
        f"Install postgresql-client-{server} or later.",
    )


def setting_value(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _file_system_of(path: Path) -> str:
    """The kind of file system that the file lies on, as Linux calls it; empty elsewhere."""
    if not MOUNTS.exists():
        return ""
    place, kind = "", ""
    for line in MOUNTS.read_text().splitlines():
        mounted, its_kind = line.split()[1:3]
        mounted = mounted.replace("\\040", " ")
        if len(mounted) >= len(place) and path.resolve().is_relative_to(mounted):
            place, kind = mounted, its_kind
    return kind


def database_folder() -> Path | None:
    """Where SQLite's file lies; None where the database is a server's."""
    if connection.vendor != "sqlite":
        return None
    return Path(str(connection.settings_dict["NAME"])).absolute().parent
