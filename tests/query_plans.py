"""How the database would find what a query set asks for."""

from typing import Any

from django.db import connection

_DEARER = ("enable_seqscan", "enable_bitmapscan", "enable_sort")


def assert_found_by(index: str, queryset: Any) -> None:
    """An index whose name holds `index` leads to the rows.

    On PostgreSQL, some index does: which of several is its choice by statistics, which the few rows of a test
    do not give. It is told to leave out what is dearer where there are many.
    """
    if connection.vendor != "postgresql":
        assert index in str(queryset.explain())
        return
    _switch("off")
    plan = str(queryset.explain())
    _switch("on")
    assert "Index" in plan, plan
    assert "Seq Scan" not in plan, plan


def _switch(to: str) -> None:
    with connection.cursor() as cursor:
        for name in _DEARER:
            cursor.execute(f"SET LOCAL {name} = {to}")
