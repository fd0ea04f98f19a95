"""The records of a valid bag, one by one, and the checks that need more than one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from archive.bags import records
from archive.events.chain import verify_record
from archive.messages import input_error


@dataclass(frozen=True, slots=True)
class IncomingBag:
    """A bag in `folder` that `reading.opened_bag` has found valid, from the archive `instance`."""

    folder: Path
    id: str
    instance: str
    photo_count: int

    def payload(self, name: str) -> Path:
        """The file of that name below data/. Raises InputError `archive:bag:unreadable` for what leads out of
        it, or is not there.
        """
        parts = PurePosixPath(name).parts
        path = self.folder / "data" / name
        if not parts or ".." in parts or parts[0] == "/" or not path.is_file():
            raise input_error("archive:bag:unreadable", file=name)
        return path

    def collections(self) -> Iterator[dict[str, Any]]:
        """Collections, wholes before their parts."""
        return records.read_records(self.payload(records.COLLECTIONS))

    def photos(self) -> Iterator[dict[str, Any]]:
        """Photos as `records.photo_record` writes them."""
        return records.read_records(self.payload(records.PHOTOS))

    def events(self) -> Iterator[dict[str, Any]]:
        """Events in the order of their chain, each what its own hash says and what its neighbour's hash says.

        Raises InputError `archive:bag:events-changed`, which names the first that is not.
        """
        last: dict[str, Any] | None = None
        for record in records.read_records(self.payload(records.EVENTS)):
            # Only neighbours can be compared: between them lie events of other collections.
            follows = (
                last is None
                or record.get("sequence") != last["sequence"] + 1
                or record.get("previous_hash") == last["hash"]
            )
            if not verify_record(record) or not follows or (last and record["sequence"] <= last["sequence"]):
                raise input_error("archive:bag:events-changed", event=record.get("id"))
            last = record
            yield record


class DerivativeIndex:
    """Where in a bag the records of each photo's derivatives stand; they are read when they are asked for."""

    def __init__(self, bag: IncomingBag) -> None:
        self._path = bag.payload(records.DERIVATIVES)
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        with self._path.open("rb") as lines:
            place = lines.tell()
            while line := lines.readline():
                self._places[records.read_record(line, file=self._path.name).get("photo", "")].append(place)
                place = lines.tell()

    def of(self, photo: str) -> list[dict[str, Any]]:
        """The records of the photo with that id, in their order."""
        found = []
        with self._path.open("rb") as lines:
            for place in self._places.get(photo, []):
                lines.seek(place)
                found.append(records.read_record(lines.readline(), file=self._path.name))
        return found


def read_bag(folder: Path) -> IncomingBag:
    """What the valid bag in `folder` says of itself.

    Raises InputError `archive:bag:not-for-keeping` for a bag without records, `archive:bag:too-new` for those
    of a later Pulih, `archive:bag:unreadable`.
    """
    path = folder / "data" / records.ABOUT
    if not path.is_file():
        raise input_error("archive:bag:not-for-keeping")
    about = records.read_record(path.read_bytes(), file=path.name)
    try:
        if about["format"] > records.FORMAT:
            raise input_error("archive:bag:too-new")
        return IncomingBag(folder, str(about["bag"]), str(about["instance"]), int(about["photos"]))
    except (KeyError, TypeError, ValueError) as error:
        raise input_error("archive:bag:unreadable", file=path.name) from error
