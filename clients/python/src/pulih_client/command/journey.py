"""`pulih upload`: a folder goes out, restorations come back. Run again, it goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pulih_client.client import Client
from pulih_client.command.folders import Entry, entries_of, may_be_picture
from pulih_client.command.keeping import Places
from pulih_client.command.screen import Screen, sized
from pulih_client.errors import (
    AlreadyThere,
    ApiError,
    Conflict,
    NotAllowed,
    NotSignedIn,
    PulihError,
    Unreachable,
)
from pulih_client.hashing import sha256_of
from pulih_client.records import Collection, File, Photo, Restoration

_SUFFIXES = {"image/png": ".png", "image/tiff": ".tif", "image/jpeg": ".jpg"}
_WRITERS = {"owner", "curator"}
# Of these the next file would die as well.
_HOPELESS = (NotSignedIn, NotAllowed, Unreachable)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for. `patience`: seconds for each photo, None for no limit."""

    folder: Path
    collection: str
    wait: bool
    download: Path | None
    patience: float | None


@dataclass(slots=True)
class Journey:
    """One run of the command."""

    pulih: Client
    wishes: Wishes
    screen: Screen
    sent: int = 0
    present: int = 0
    passed_over: int = 0
    restored: int = 0
    failed: int = 0
    _photos: dict[Path, str] = field(default_factory=dict)

    def run(self) -> bool:
        """Whether every picture made it. Raises PulihError for what no file can be blamed for, OSError where
        the folder cannot be read.
        """
        entries = entries_of(self.wishes.folder)
        collection = self._collection()
        self._send_all(collection, entries)
        told = f"{self.sent} sent to “{collection.title}”, {self.present} there already"
        if self.wishes.wait:
            self._wait_all(collection, entries)
            told += f", {self.restored} restored"
        told += f", {self.failed} failed"
        self.screen.sum(f"{told}, {self.passed_over} no pictures." if self.passed_over else f"{told}.")
        return not self.failed

    def _collection(self) -> Collection:
        """The one of this id or title that one may add to, the oldest if there are several; or a new one."""
        named = self.wishes.collection
        mine = [each for each in self.pulih.collections.all() if each.role in _WRITERS]
        found = [each for each in mine if each.id == named] or [each for each in mine if each.title == named]
        if found:
            return found[-1]
        self.screen.line(f"A new collection: “{named}”.")
        return self.pulih.collections.create(named)

    def _send_all(self, collection: Collection, entries: list[Entry]) -> None:
        there = self.pulih.photos.originals(collection.id)
        places = Places(self.pulih.connection.address, collection.id)
        for number, entry in enumerate(entries, start=1):
            head = f"{number}/{len(entries)} {entry.shown}"
            self.screen.now(head)
            try:
                if not may_be_picture(entry.path):
                    self.passed_over += 1
                    continue
                sha256 = sha256_of(entry.path)
                if sha256 not in there:
                    there[sha256] = self._send(collection, entry, sha256, places, head)
                    self.sent += 1
                    self.screen.line(f"{entry.shown}: sent ({sized(entry.path.stat().st_size)})")
                else:
                    self.present += 1
                self._photos[entry.path] = there[sha256]
            except AlreadyThere as error:
                # Somebody else was quicker, or it is in the bin.
                there = self.pulih.photos.originals(collection.id)
                if sha256 in there:
                    self.present += 1
                    self._photos[entry.path] = there[sha256]
                else:
                    self._blame(entry, error)
            except _HOPELESS:
                raise
            except (PulihError, OSError, EOFError) as error:
                self._blame(entry, error)

    def _send(self, collection: Collection, entry: Entry, sha256: str, places: Places, head: str) -> str:
        """The id of the photo that it becomes."""

        def tell(arrived: int, length: int) -> None:
            self.screen.now(f"{head} {100 * arrived // length} % of {sized(length)}")

        try:
            photo = self.pulih.uploads.send(
                collection.id,
                entry.path,
                folder=entry.folder,
                sha256=sha256,
                place=places.of(sha256),
                on_place=lambda place: places.keep(sha256, place),
                on_bytes=tell,
            )
        except ApiError:
            places.forget(sha256)
            raise
        places.forget(sha256)
        return photo.id

    def _wait_all(self, collection: Collection, entries: list[Entry]) -> None:
        """First ask for all that is missing, so that workers have it while one waits for the first."""
        asked = {photo.id: photo for photo in self.pulih.photos.all(collection.id)}
        wanted: list[tuple[Entry, Restoration]] = []
        for entry in entries:
            if entry.path in self._photos:
                photo = asked.get(self._photos[entry.path])
                try:
                    if photo is None:
                        raise PulihError("It was deleted meanwhile.")
                    wanted.append((entry, self._newest(photo)))
                except _HOPELESS:
                    raise
                except PulihError as error:
                    self._blame(entry, error)
        for number, (entry, restoration) in enumerate(wanted, start=1):
            try:
                self._wait(entry, restoration, f"{number}/{len(wanted)} {entry.shown}")
            except _HOPELESS:
                raise
            except (PulihError, OSError) as error:
                self._blame(entry, error)

    def _newest(self, photo: Photo) -> Restoration:
        if photo.latest_restoration:
            return photo.latest_restoration
        try:
            return self.pulih.restorations.start(photo.id)
        except Conflict:
            # Somebody else has asked for it meanwhile.
            return next(self.pulih.restorations.of_photo(photo.id))

    def _wait(self, entry: Entry, restoration: Restoration, head: str) -> None:
        def tell(status: str, progress: int) -> None:
            self.screen.now(f"{head} {status} {progress} %")

        done = self.pulih.restorations.wait(restoration.id, seconds=self.wishes.patience, on_progress=tell)
        for warning in done.warnings:
            self.screen.complaint(f"{entry.shown}: {warning}")
        told = "restored"
        if self.wishes.download and done.result:
            told = f"restored -> {self._save(done.result, entry, head)}"
        self.restored += 1
        self.screen.line(f"{entry.shown}: {told}")

    def _save(self, result: File, entry: Entry, head: str) -> Path:
        """Under the file's name; where something else lies there, under one of its own beside it."""

        def tell(arrived: int, length: int) -> None:
            self.screen.now(f"{head} {100 * arrived // length} % of {sized(length)}")

        suffix = _SUFFIXES.get(result.media_type, "")
        folder = (self.wishes.download or Path()) / entry.folder
        usual = folder / f"{entry.path.stem}-restored{suffix}"
        try:
            return self.pulih.downloads.save(result, usual, on_bytes=tell)
        except FileExistsError:
            own = folder / f"{entry.path.stem}-restored-{result.sha256[:8]}{suffix}"
            return self.pulih.downloads.save(result, own, on_bytes=tell)

    def _blame(self, entry: Entry, error: Exception) -> None:
        self.failed += 1
        self.screen.complaint(f"{entry.shown}: {error}")
