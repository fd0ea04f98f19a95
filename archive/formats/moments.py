"""Times as they stand in files."""

from datetime import datetime

from django.utils.dateparse import parse_datetime


def read_moment(text: str) -> datetime:
    """A time in ISO 8601 with its offset from UTC. ValueError for anything else."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError(f"not a moment: {text!r}")
    return found
