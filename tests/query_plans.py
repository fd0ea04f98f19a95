"""How the database would find what a query set asks for."""

from typing import Any

from django.db import connection, transaction


def plan_of(queryset: Any) -> str:
    """The plan in the database's own words, naming indexes; PostgreSQL leaves out that the few rows of a test
    are read faster without one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = str(queryset.explain())
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = on")
        return plan
