"""What rows of a table of descriptions would change, worked out before anything is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

_LOOKUPS = {"photo": "pk", "sha256": "original__sha256", "call_number": "call_number", "filename": "filename"}

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the file, which begins on `line`. `key` is what its photo was looked for by.

    `changes` is empty for a photo that is described so already; else `description` makes them. `refusal` says
    why a row cannot be taken; it has no `photo` where that is the reason.
    """

    line: int
    key: str
    photo: Photo | None
    changes: Changes = field(default_factory=dict)
    description: Description | None = None
    refusal: InputError | None = None

    @property
    def outcome(self) -> str:
        """ "refused", "changed" or "unchanged"."""
        return "refused" if self.refusal else "changed" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True)
class TableReading:
    """How a table is read: photos are found by the column `key`, the columns `said` describe them.

    An empty cell leaves its field as it is, or clears it with `clear_empty`.
    """

    key: str
    said: tuple[str, ...]
    clear_empty: bool = False

    def plan(
        self, rows: Iterable[tuple[int, Cells]], *, photos: PhotoQuerySet, seen: set[UUID]
    ) -> list[PlannedRow]:
        """Find the photo of each of `rows` among `photos` and compare.

        `seen` holds the photos of earlier rows; those of these are added.
        """
        rows = list(rows)
        found = _find(photos, self.key, [cells.get(self.key, "") for _line, cells in rows])
        planned = []
        for line, cells in rows:
            wanted = one_line(cells.get(self.key, ""))
            photo = None
            try:
                photo = _only(found.get(_normal(self.key, wanted), []), cells.get("folder", ""), wanted)
                if photo.pk in seen:
                    raise input_error("archive:csv:twice", key=wanted)
                seen.add(photo.pk)
                planned.append(self._compared(line, wanted, photo, cells))
            except InputError as refusal:
                planned.append(PlannedRow(line, wanted, photo, refusal=refusal))
        return planned

    def plan_again(
        self, rows: Iterable[tuple[int, Cells, UUID | None]], *, photos: PhotoQuerySet
    ) -> list[PlannedRow]:
        """Compare rows whose photo was found earlier, as things are now; one may have gone meanwhile."""
        rows = list(rows)
        wanted = [pk for _line, _cells, pk in rows if pk]
        here = {photo.pk: photo for photo in photos.filter(pk__in=wanted).prefetch_related("tags")}
        planned = []
        for line, cells, pk in rows:
            key = one_line(cells.get(self.key, ""))
            photo = here.get(pk) if pk else None
            try:
                if photo is None:
                    raise input_error("archive:csv:not-found", key=key)
                planned.append(self._compared(line, key, photo, cells))
            except InputError as refusal:
                planned.append(PlannedRow(line, key, photo, refusal=refusal))
        return planned

    def _compared(self, line: int, key: str, photo: Photo, cells: Cells) -> PlannedRow:
        given = {
            name: cells[name]
            for name in self.said
            if name in cells and (self.clear_empty or cells[name].strip())
        }
        tags = given.pop("tags", None)
        names = None if tags is None else [name for name in tags.replace(",", ";").split(";") if name.strip()]
        description = Description(fields=given, tags=names).cleaned()
        changes = description.changes_of(photo, [tag.name for tag in photo.tags.all()])
        return PlannedRow(line, key, photo, changes, description)


def reading_of(table: MetadataTable, *, key: str | None = None, clear_empty: bool = False) -> TableReading:
    """How `table` is read, by the column `key` of KEYS or, without it, the surest that the table has.

    Raises InputError archive:csv:no-key, archive:csv:nothing-said.
    """
    key = key or next((each for each in KEYS if each in table.columns), None)
    if key is None or key not in table.columns:
        raise input_error("archive:csv:no-key", columns=", ".join(KEYS))
    said = tuple(name for name in (*PHOTO_FIELDS, "tags") if name in table.columns and name != key)
    if not said:
        raise input_error("archive:csv:nothing-said")
    return TableReading(key, said, clear_empty)


def _find(photos: PhotoQuerySet, key: str, values: list[str]) -> dict[Any, list[Photo]]:
    wanted = {_normal(key, one_line(value)) for value in values} - {None, ""}
    lookup = {f"{_LOOKUPS[key]}__in": sorted(wanted, key=str)}
    found: dict[Any, list[Photo]] = {}
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
