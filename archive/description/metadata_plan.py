"""What a table of descriptions would change, worked out before anything is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from archive.description.changes import Description
from archive.description.fields import PHOTO_FIELDS, Changes
from archive.description.metadata_table import KEYS, MetadataTable
from archive.description.single_line import one_line
from archive.errors import InputError
from archive.messages import input_error

if TYPE_CHECKING:
    from archive.models import Photo
    from archive.querysets.visible import PhotoQuerySet

_BATCH = 500
_LOOKUPS = {"photo": "pk", "sha256": "original__sha256", "call_number": "call_number", "filename": "filename"}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file, which begins on `line`. `key` is what its photo was looked for by.

    `changes` is empty for a photo that is described so already. `refusal` says why a row cannot be taken; it
    has no `photo` where that is the reason.
    """

    line: int
    key: str
    photo: Photo | None
    changes: Changes = field(default_factory=dict)
    refusal: InputError | None = None

    @property
    def outcome(self) -> str:
        """ "refused", "changed" or "unchanged"."""
        return "refused" if self.refusal else "changed" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True)
class MetadataPlan:
    """`key`: the column that photos were found by. `descriptions`: what the rows that fit would change."""

    key: str
    ignored: tuple[str, ...]
    rows: list[PlannedRow]
    descriptions: Mapping[UUID, Description]

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return sum(row.outcome == outcome for row in self.rows)


def plan_metadata(
    table: MetadataTable, *, photos: PhotoQuerySet, key: str | None = None, clear_empty: bool = False
) -> MetadataPlan:
    """Find each row's photo among `photos` and compare.

    `key` is one of KEYS; without it, the surest that the table has. An empty cell leaves its field as it is,
    or clears it with `clear_empty`. Raises InputError archive:csv:no-key, archive:csv:nothing-said.
    """
    key = key or next((each for each in KEYS if each in table.columns), None)
    if key is None or key not in table.columns:
        raise input_error("archive:csv:no-key", columns=", ".join(KEYS))
    said = [name for name in (*PHOTO_FIELDS, "tags") if name in table.columns and name != key]
    if not said:
        raise input_error("archive:csv:nothing-said")
    found = _find(photos, key, [cells.get(key, "") for _line, cells in table.rows])
    rows: list[PlannedRow] = []
    descriptions: dict[UUID, Description] = {}
    seen: set[UUID] = set()
    for line, cells in table.rows:
        wanted = one_line(cells.get(key, ""))
        photo = None
        try:
            photo = _only(found.get(_normal(key, wanted), []), cells.get("folder", ""), wanted)
            if photo.pk in seen:
                raise input_error("archive:csv:twice", key=wanted)
            seen.add(photo.pk)
            description = _description(cells, said, clear_empty=clear_empty)
            changes = description.changes_of(photo, [tag.name for tag in photo.tags.all()])
        except InputError as refusal:
            rows.append(PlannedRow(line, wanted, photo, refusal=refusal))
            continue
        rows.append(PlannedRow(line, wanted, photo, changes))
        if changes:
            descriptions[photo.pk] = description
    return MetadataPlan(key, table.ignored, rows, descriptions)


def _find(photos: PhotoQuerySet, key: str, values: list[str]) -> dict[Any, list[Photo]]:
    wanted = {_normal(key, one_line(value)) for value in values} - {None, ""}
    ordered = sorted(wanted, key=str)
    found: dict[Any, list[Photo]] = {}
    for start in range(0, len(ordered), _BATCH):
        lookup = {f"{_LOOKUPS[key]}__in": ordered[start : start + _BATCH]}
        for photo in photos.filter(**lookup).select_related("original").prefetch_related("tags"):
            held = {"photo": photo.pk, "sha256": photo.original.sha256}.get(key) or getattr(photo, key)
            found.setdefault(held, []).append(photo)
    return found


def _normal(key: str, value: str) -> Any:
    if key == "sha256":
        return value.lower()
    if key != "photo":
        return value
    try:
        return UUID(value)
    except ValueError:
        return None


def _only(found: list[Photo], folder: str, wanted: str) -> Photo:
    """The one photo of a row; of several with one name, the one in `folder`."""
    if len(found) > 1 and folder:
        found = [photo for photo in found if photo.folder == folder.strip().strip("/")]
    if not found:
        raise input_error("archive:csv:not-found", key=wanted)
    if len(found) > 1:
        raise input_error("archive:csv:ambiguous", key=wanted, number=len(found))
    return found[0]


def _description(cells: Mapping[str, str], said: list[str], *, clear_empty: bool) -> Description:
    given = {name: cells[name] for name in said if name in cells and (clear_empty or cells[name].strip())}
    tags = given.pop("tags", None)
    names = None if tags is None else [name for name in tags.replace(",", ";").split(";") if name.strip()]
    return Description(fields=given, tags=names).cleaned()
