"""From a backup to a working archive, in an installation that holds nothing yet."""

from __future__ import annotations

import shutil
import tempfile
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
from archive.files.storage import incoming_folder, store, verify
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
    """Put the backup in `source` into the empty database and the empty store of files, and verify both.

    The whole backup is verified before anything is written, and every file again while it is. Raises
    InputError as `validate_bag` does, StateError `archive:restore:media-in-use`, `:database-in-use`,
    `:other-database` (a backup of another kind of database) or `:room`; FixityError when a disk gives other
    bytes than a moment before. After a failure there is as little in place as before.
    """
    refuse_database_in_use()
    if next(store().keys(""), None) is not None:
        raise state_error("archive:restore:media-in-use", folder=_where_files_lie())
    validate_bag(source)
    dump = source / "data" / DATABASE_FOLDER / dump_name()
    if not dump.is_file():
        raise state_error("archive:restore:other-database")
    try:
        for name, sha256 in _media_files(source):
            _put_back(source / "data" / MEDIA_FOLDER / name, name, sha256)
        load_database(dump)
    except BaseException:
        store().clear("")
        raise
    return _verified()


def _where_files_lie() -> str:
    bucket = settings.PULIH_BUCKET
    if bucket is None:
        return str(Path(settings.MEDIA_ROOT).absolute())
    return f"{bucket.name}/{bucket.prefix}".rstrip("/")


def _media_files(source: Path) -> Iterator[tuple[str, str]]:
    prefix = f"{MEDIA_FOLDER}/"
    for name, sha256 in payload_digests(source).items():
        if name.startswith(prefix):
            yield name.removeprefix(prefix), sha256


def _put_back(source: Path, key: str, sha256: str) -> None:
    """Copy one file, flushed to disk and read back from there."""
    with tempfile.TemporaryDirectory(dir=incoming_folder()) as folder:
        copy = Path(folder) / "copy"
        shutil.copyfile(source, copy)
        verify(copy, sha256=sha256)
        store().put(copy, key, sha256=sha256)


def _verified() -> RestoreReport:
    """Compare the files with the rows that name them."""
    report = RestoreReport()
    executor = MigrationExecutor(connection)
    report.to_migrate = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if report.to_migrate:
        return report
    needed = {each.file.key for each in holdings()}
    there = {key for area in HELD_AREAS for key in store().keys(f"{area}/")}
    # Deleted from the archive while the backup was made: nobody asked for them to come back.
    for name in there - needed:
        store().remove(name)
    report.missing = sorted(needed - there)
    report.file_count = len(needed & there)
    return report
