"""How the database would find what a query set asks for."""

from typing import Any

from django.db import connection

_DEARER = ("enable_seqscan", "enable_bitmapscan", "enable_sort")


def assert_found_by(index: str, queryset: Any) -> None:
    """An index whose name holds `index` leads to the rows.

    PostgreSQL chooses by statistics, so it gets those of the rows that there are; what is dearer where there
    are many, it is told to leave out.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(queryset.model._meta.db_table)}")
        _switch("off")
    plan = str(queryset.explain())
    if connection.vendor == "postgresql":
        _switch("on")
    assert index in plan, plan


def _switch(to: str) -> None:
    with connection.cursor() as cursor:
        for name in _DEARER:
            cursor.execute(f"SET LOCAL {name} = {to}")
