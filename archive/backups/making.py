"""Making a backup while everybody goes on working.

A backup is a bag: data/database/ holds the dump, data/media/ the files by their keys in the store, and
any tool for BagIt can verify it.

Files are stored before a row names them and never change, so a dump is right together with the files that it
names, whenever those are copied. Only a file that is deleted for good between the dump and its turn would be
missing; then the dump is taken again, and merely what came since is copied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from archive.backups.databases import dump_database, dump_name
from archive.backups.snapshots import database_snapshot
from archive.bags.reading import payload_digests
from archive.bags.writing import BagFile, bag_members, write_folder
from archive.files.holdings import holdings
from archive.files.storage import Area, store
from archive.messages import state_error
from archive.models import Original

DATABASE_FOLDER = "database"
MEDIA_FOLDER = "media"
_MOST_DUMPS = 5
_DIGEST_LENGTH = 64


@dataclass(slots=True)
class BackupReport:
    """What a backup holds: files of the archive and their bytes, how often the database was dumped.

    `missing`: files that the archive itself has lost, by their keys; `decayed`: files that were copied as
    they are, but are no longer what their name says.
    """

    file_count: int = 0
    dumps: int = 0
    missing: list[str] = field(default_factory=list)
    decayed: list[str] = field(default_factory=list)


def make_backup(target: Path) -> BackupReport:
    """Write everything to the new folder `target`; what is there under that name is whole.

    Raises StateError `archive:backup:target-exists`, `archive:backup:target-inside` when it lies in the media
    themselves, or as `dump_database` does. After any failure nothing is left of it.
    """
    media = Path(settings.MEDIA_ROOT).absolute()
    target = target.absolute()
    if target.exists():
        raise state_error("archive:backup:target-exists", target=target)
    if target.is_relative_to(media):
        raise state_error("archive:backup:target-inside", target=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    report = BackupReport()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as draft:
        bag = Path(draft) / "bag"
        info = {
            "External-Description": "Backup of Pulih",
            "Bag-Software-Agent": "Pulih",
            "External-Identifier": f"pulih-backup-{timezone.now():%Y%m%dT%H%M%SZ}",
        }
        write_folder(bag_members(_files(Path(draft), report), info), bag)
        report.decayed = _decayed(bag)
        bag.rename(target)
    return report


def _files(draft: Path, report: BackupReport) -> Iterator[BagFile]:
    dump = draft / dump_name()
    copied: set[str] = set()
    lost: list[str] = []
    while True:
        needed = _dump_with_list(dump)
        report.dumps += 1
        report.missing = []
        for name in needed:
            if name in copied:
                continue
            file = _file_of(name)
            if file is None:
                report.missing.append(name)
            else:
                copied.add(name)
                yield file
        # What is missing twice was not deleted beside us: the archive has lost it, and says so elsewhere too.
        if report.missing in ([], lost) or report.dumps == _MOST_DUMPS:
            break
        lost = report.missing
        _await_deletions(lost)
    report.file_count = len(copied)
    for name in store().keys(f"{Area.RENDITIONS}/"):
        file = _file_of(name)
        if file is not None:
            yield file
    yield BagFile(f"{DATABASE_FOLDER}/{dump.name}", lambda: dump.open("rb"))


def _await_deletions(names: list[str]) -> None:
    """Wait until whoever deletes originals of these names is through: the file goes before the commit, so
    that until then a dump would name it all the same.
    """
    originals = {Path(name).name for name in names if name.startswith(f"{Area.ORIGINALS}/")}
    with transaction.atomic():
        list(Original.objects.select_for_update().filter(sha256__in=originals))


def _file_of(name: str) -> BagFile | None:
    """The stored file, open already, so that nobody deletes it under our hands; None where there is none."""
    try:
        opened = store().stream(name)
    except FileNotFoundError:
        return None
    return BagFile(f"{MEDIA_FOLDER}/{name}", lambda: opened)


def _dump_with_list(dump: Path) -> list[str]:
    """Dump the database and list, of the same moment, the files that it names, by their keys."""
    dump.unlink(missing_ok=True)
    with database_snapshot():
        needed = sorted({each.file.key for each in holdings()})
        dump_database(dump)
    return needed


def _decayed(bag: Path) -> list[str]:
    """Copied files whose bytes are not those that they are named by; renditions are named by their source."""
    prefix = f"{MEDIA_FOLDER}/"
    media = {
        name.removeprefix(prefix): sha256
        for name, sha256 in payload_digests(bag).items()
        if name.startswith(prefix) and not name.startswith(f"{prefix}{Area.RENDITIONS}/")
    }
    return [name for name, sha256 in media.items() if Path(name).name[:_DIGEST_LENGTH] != sha256]
