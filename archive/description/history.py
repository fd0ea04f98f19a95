"""Changes of descriptions in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from archive.models import Collection, Level, Photo


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One field of one change; `before` or `after` is empty where there was nothing, or is nothing now."""

    label: str
    before: str
    after: str


def shown_changes(
    details: Mapping[str, Any], model: type[Photo] | type[Collection] = Photo
) -> list[ShownChange]:
    """What an event's details say was changed; empty for events that changed no description."""
    return [
        ShownChange(_label(name, model), _text(name, change["from"]), _text(name, change["to"]))
        for name, change in details.get("changes", {}).items()
    ]


def _label(name: str, model: type[Photo] | type[Collection]) -> str:
    try:
        return capfirst(str(getattr(model._meta.get_field(name), "verbose_name", name)))
    except FieldDoesNotExist:  # of an earlier or a later version
        return name


def _text(name: str, value: Any) -> str:
    if name == "level":
        return str(Level(value).label) if value in Level.values else str(value)
    if name == "parent":
        return ""  # perhaps one that the reader may not see
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
