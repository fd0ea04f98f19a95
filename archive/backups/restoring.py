"""From a backup to a working archive, in an installation that holds nothing yet."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from archive.backups.databases import dump_name, load_database, refuse_database_in_use
from archive.backups.making import DATABASE_FOLDER, MEDIA_FOLDER
from archive.bags.reading import payload_digests, validate_bag
from archive.files.holdings import HELD_AREAS, holdings
from archive.files.storage import FixityError, flush_folder
from archive.messages import state_error

_CHUNK_BYTES = 1024 * 1024


@dataclass(slots=True)
class RestoreReport:
    """What was put back. `missing`: files that the rows name and the backup has not; `to_migrate`: whether
    the backup is older than this version's tables, so that `migrate` must follow.
    """

    file_count: int = 0
    missing: list[str] = field(default_factory=list)
    to_migrate: bool = False


def restore_backup(source: Path) -> RestoreReport:
    """Put the backup in `source` into the empty database and the empty MEDIA_ROOT, and verify both.

    The whole backup is verified before anything is written, and every file again while it is. Raises
    InputError as `validate_bag` does, StateError `archive:restore:media-in-use`, `:database-in-use`,
    `:other-database` (a backup of another kind of database) or `:room`; FixityError when a disk gives other
    bytes than a moment before. After a failure there is as little in place as before.
    """
    media = Path(settings.MEDIA_ROOT).absolute()
    refuse_database_in_use()
    if any(each.is_file() for each in media.rglob("*")):
        raise state_error("archive:restore:media-in-use", folder=media)
    validate_bag(source)
    dump = source / "data" / DATABASE_FOLDER / dump_name()
    if not dump.is_file():
        raise state_error("archive:restore:other-database")
    try:
        for name, sha256 in _media_files(source):
            _put_back(source / "data" / MEDIA_FOLDER / name, media / name, sha256)
        load_database(dump)
    except BaseException:
        shutil.rmtree(media, ignore_errors=True)
        raise
    return _verified(media)


def _media_files(source: Path) -> Iterator[tuple[str, str]]:
    prefix = f"{MEDIA_FOLDER}/"
    for name, sha256 in payload_digests(source).items():
        if name.startswith(prefix):
            yield name.removeprefix(prefix), sha256


def _put_back(source: Path, target: Path, sha256: str) -> None:
    """Copy one file, flushed to disk and read back from there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o444)
    with target.open("rb") as file:
        os.fsync(file.fileno())
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise FixityError(f"{target} should have SHA-256 {sha256} but has {found}")
    flush_folder(target.parent)


def _verified(media: Path) -> RestoreReport:
    """Compare the files with the rows that name them."""
    report = RestoreReport()
    executor = MigrationExecutor(connection)
    report.to_migrate = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if report.to_migrate:
        return report
    needed = {str(each.path.relative_to(media)) for each in holdings()}
    there = {
        str(path.relative_to(media))
        for area in HELD_AREAS
        for path in (media / area).rglob("*")
        if path.is_file()
    }
    # Deleted from the archive while the backup was made: nobody asked for them to come back.
    for name in there - needed:
        (media / name).unlink()
    report.missing = sorted(needed - there)
    report.file_count = len(needed & there)
    return report
