"""How the database would find what a query set asks for."""

from typing import Any

from django.db import connection

_DEARER = ("enable_seqscan", "enable_bitmapscan", "enable_sort")


def plan_of(queryset: Any) -> str:
    """The plan in the database's own words, naming indexes. PostgreSQL is told to leave out what is dearer
    where there are many rows, and cheaper for the few of a test.
    """
    if connection.vendor != "postgresql":
        return str(queryset.explain())
    _switch("off")
    plan = str(queryset.explain())
    _switch("on")
    return plan


def _switch(to: str) -> None:
    with connection.cursor() as cursor:
        for name in _DEARER:
            cursor.execute(f"SET LOCAL {name} = {to}")
