"""What is expected of every endpoint, a file for each subject; `ENTRIES` of all of them together."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.architecture.permission_levels import Entry


def all_entries() -> dict[str, Entry]:
    """By the address's name. Raises AssertionError for a name that stands in two files."""
    found: dict[str, Entry] = {}
    for module in pkgutil.iter_modules(__path__):
        entries = import_module(f"{__name__}.{module.name}").ENTRIES
        twice = found.keys() & entries.keys()
        assert not twice, f"{module.name}: {sorted(twice)} stand in another file, too"
        found |= entries
    return found
