"""Puts the triggers on their tables, and the catalogue in order after them.

SQLite changes a table by making it anew, which loses its triggers and stumbles over those of others. So they
all go before a migration and come back after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from archive.finding.backends import backend_of
from archive.finding.triggers import ENTRIES, Trigger, enter_photos

Triggers = Callable[[str], Sequence[Trigger]]
Rebuild = Callable[[], Sequence[str]]

_of_other_apps: list[Triggers] = []
_rebuilt_by_other_apps: list[Rebuild] = []


def register_triggers(triggers: Triggers, rebuild: Rebuild | None = None) -> None:
    """Let an app fill columns of the catalogue, or a table of its own: `triggers(vendor)` gives its triggers,
    `rebuild()` the statements that fill such a table anew.
    """
    _of_other_apps.append(triggers)
    if rebuild is not None:
        _rebuilt_by_other_apps.append(rebuild)


def rebuild_catalogue(using: str = DEFAULT_DB_ALIAS) -> int:
    """Make every entry anew, in the order in which the photos came; returns their number. What other apps
    keep by triggers comes after it. One transaction.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(f"DELETE FROM {ENTRIES}")
        cursor.execute(enter_photos("ORDER BY p.created_at, p.id"))
        entered = int(cursor.rowcount)
        for rebuild in _rebuilt_by_other_apps:
            for statement in rebuild():
                cursor.execute(statement)
        return entered


def drop_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Take all triggers away."""
    backend = backend_of(using)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for trigger in _all_triggers(using):
            for statement in backend.drop_trigger(trigger):
                cursor.execute(statement)


def create_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put all triggers on their tables, in the words of now."""
    drop_triggers(using)
    backend = backend_of(using)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for trigger in _all_triggers(using):
            for statement in backend.create_trigger(trigger):
                cursor.execute(statement)


def missing_triggers(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Names of triggers that are not on their tables."""
    with connections[using].cursor() as cursor:
        cursor.execute(backend_of(using).PRESENT_TRIGGERS)
        present = {name for (name,) in cursor.fetchall()}
    return {trigger.name for trigger in _all_triggers(using)} - present


def make_way_for_migrations(using: str, plan: Sequence[Any], **kwargs: Any) -> None:
    """Before migrations, where there are any to run: the triggers go."""
    if plan:
        drop_triggers(using)


def keep_catalogue(using: str, **kwargs: Any) -> None:
    """After migrations, once all are done: the triggers come back and the catalogue is made anew."""
    if missing_triggers(using) and _is_migrated(using):
        create_triggers(using)
        rebuild_catalogue(using)


def _is_migrated(using: str) -> bool:
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _all_triggers(using: str) -> list[Trigger]:
    vendor = connections[using].vendor
    registered = [trigger for triggers in _of_other_apps for trigger in triggers(vendor)]
    return [*backend_of(using).triggers(), *registered]
