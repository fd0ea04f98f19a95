"""Making a backup while everybody goes on working.

A backup is a bag: data/database/ holds the dump, data/media/ the files by their keys in the store, and
any tool for BagIt can verify it.

Files are stored before a row names them and never change, so a dump is right together with the files that it
names, whenever those are copied. Only a file that is deleted for good between the dump and its turn would be
missing; then the dump is taken again, and merely what came since is copied.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from archive.backups.bases import IDENTIFIED_BY, IDENTIFIER, NUMBER, Base, open_base
from archive.backups.databases import dump_database, dump_name
from archive.backups.snapshots import database_snapshot
from archive.bags.reading import payload_digests
from archive.bags.writing import BagFile, bag_members, write_folder
from archive.files.holdings import holdings
from archive.files.local_store import flush_folder
from archive.files.storage import Area, store
from archive.messages import state_error
from archive.models import Original

DATABASE_FOLDER = "database"
MEDIA_FOLDER = "media"
_MOST_DUMPS = 5
_DIGEST_LENGTH = 64


@dataclass(slots=True)
class BackupReport:
    """What a backup holds: files of the archive, how many files are links to its base's, how often the
    database was dumped.

    `missing`: files that the archive itself has lost, by their keys; those in `saved` are in the backup
    all the same, from its base. `decayed`: files that were copied as they are, but are no longer what their
    name says; `decayed_in_base`: files of the base that are no longer what it says, and were copied anew.
    """

    file_count: int = 0
    linked: int = 0
    dumps: int = 0
    missing: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    decayed: list[str] = field(default_factory=list)
    decayed_in_base: list[str] = field(default_factory=list)


def make_backup(target: Path, *, base: Path | None = None) -> BackupReport:
    """Write everything to the new folder `target`; what is there under that name is whole.

    Files that the backup `base` holds as well become links to those: see `archive.backups.bases`.

    Raises StateError `archive:backup:target-exists`, `archive:backup:target-inside` when it lies in the media
    themselves, or as `open_base` and `dump_database` do. After any failure nothing is left of it.
    """
    media = Path(settings.MEDIA_ROOT).absolute()
    target = target.absolute()
    if target.exists():
        raise state_error("archive:backup:target-exists", target=target)
    if target.is_relative_to(media):
        raise state_error("archive:backup:target-inside", target=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    earlier = open_base(base.absolute(), target=target) if base is not None else None
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as draft:
        bag = Path(draft) / "bag"
        info = {
            "External-Description": "Backup of Pulih",
            "Bag-Software-Agent": "Pulih",
            IDENTIFIER: f"{IDENTIFIED_BY}{timezone.now():%Y%m%dT%H%M%S.%fZ}",
            NUMBER: str(earlier.number + 1 if earlier else 1),
        }
        making = _Making(Path(draft), earlier)
        write_folder(bag_members(making.files(), info), bag)
        making.report.decayed = _decayed(bag)
        # Names in folders, of which there are tens of thousands.
        os.sync()
        bag.rename(target)
        flush_folder(target.parent)
    return making.report


class _Making:
    """Files of the archive, or the same from `base`, and the dump, which is made in `draft`."""

    def __init__(self, draft: Path, base: Base | None) -> None:
        self.report = BackupReport(decayed_in_base=base.decayed if base else [])
        self._base = base
        self._dump = draft / dump_name()

    def files(self) -> Iterator[BagFile]:
        report = self.report
        given: set[str] = set()
        lost: list[str] = []
        while True:
            needed = self._dump_with_list()
            report.dumps += 1
            report.missing = []
            for name in needed:
                if name in given:
                    continue
                file = self._held(name)
                if file is None:
                    report.missing.append(name)
                else:
                    given.add(name)
                    yield file
            # What is missing twice was not deleted beside us: the archive has lost it, and says so
            # elsewhere too.
            if report.missing in ([], lost) or report.dumps == _MOST_DUMPS:
                break
            lost = report.missing
            _await_deletions(lost)
        for name in report.missing:
            if (file := self._linked(name, _digest_in(name))) is not None:
                report.saved.append(name)
                yield file
        report.file_count = len(given) + len(report.saved)
        yield from self._renditions()
        yield BagFile(f"{DATABASE_FOLDER}/{self._dump.name}", lambda: self._dump.open("rb"))

    def _held(self, name: str) -> BagFile | None:
        """The stored file `name`; None where there is none."""
        lying = store().find(name)
        if lying is None:
            return None
        return self._linked(name, _digest_in(name), lying.byte_size) or self._copied(name)

    def _renditions(self) -> Iterator[BagFile]:
        """They are named by their sources, so that another may have the same name as yesterday's."""
        for name in store().keys(f"{Area.RENDITIONS}/"):
            sha256 = store().digest(name) if self._base else None
            linked = self._linked(name, sha256) if sha256 else None
            if (file := linked or self._copied(name)) is not None:
                yield file

    def _linked(self, name: str, sha256: str, byte_size: int | None = None) -> BagFile | None:
        path = f"{MEDIA_FOLDER}/{name}"
        twin = self._base.twin(path, sha256=sha256, byte_size=byte_size) if self._base else None
        if twin is None:
            return None
        self.report.linked += 1
        return BagFile(path, lambda: twin.open("rb"), sha256, twin)

    def _copied(self, name: str) -> BagFile | None:
        """The stored file, open already, so that nobody deletes it under our hands; None where it is gone."""
        try:
            opened = store().stream(name)
        except FileNotFoundError:
            return None
        return BagFile(f"{MEDIA_FOLDER}/{name}", lambda: opened)

    def _dump_with_list(self) -> list[str]:
        """Dump the database and list, of the same moment, the files that it names, by their keys."""
        self._dump.unlink(missing_ok=True)
        with database_snapshot():
            needed = sorted({each.file.key for each in holdings()})
            dump_database(self._dump)
        return needed


def _await_deletions(names: list[str]) -> None:
    """Wait until whoever deletes originals of these names is through: the file goes before the commit, so
    that until then a dump would name it all the same.
    """
    originals = {Path(name).name for name in names if name.startswith(f"{Area.ORIGINALS}/")}
    with transaction.atomic():
        list(Original.objects.select_for_update().filter(sha256__in=originals))


def _decayed(bag: Path) -> list[str]:
    """Copied files whose bytes are not those that they are named by; renditions are named by their source."""
    prefix = f"{MEDIA_FOLDER}/"
    media = {
        name.removeprefix(prefix): sha256
        for name, sha256 in payload_digests(bag).items()
        if name.startswith(prefix) and not name.startswith(f"{prefix}{Area.RENDITIONS}/")
    }
    return [name for name, sha256 in media.items() if _digest_in(name) != sha256]


def _digest_in(name: str) -> str:
    """The SHA-256 that a held file is named by."""
    return Path(name).name[:_DIGEST_LENGTH]
