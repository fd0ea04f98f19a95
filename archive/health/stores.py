"""The folder of stored files: that it takes what is written and gives it back, and that nothing is astray."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from archive.files.holdings import holdings
from archive.files.local_store import flush_folder
from archive.files.storage import Area, incoming_folder, store
from archive.fixity.shelves import lying_keys
from archive.fixity.standing import counts_by_kind, shelves_read_lately
from archive.health import buckets
from archive.health.findings import Finding, broken, fine, warning
from archive.models import SHELVES, FixityFinding, FixityRun, Original

_MEND_WRITING = (
    "See that the disk of {folder} is mounted, has room and can be written to by the user of web and workers."
)
_SAMPLE_BYTES = 256 * 1024
_SLOW_SECONDS = 2.0
# What a crash leaves without a name; uploads that go on and long imports are younger.
_LEFT_SECONDS = 3 * 86400
MOST_COUNTED = 50_000
"""Up to so many originals, what is missing and what nobody names is counted without being asked to."""


def writable() -> Iterator[Finding]:
    """A small file can be written where everything that comes in is written first."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        with tempfile.TemporaryFile(dir=incoming_folder()) as file:
            file.write(b"room for more")
            file.flush()
    except OSError as error:
        yield broken(
            "storage", f"nothing can be written: {error.strerror}", _MEND_WRITING.format(folder=folder)
        )
        return
    yield fine("storage", "it can be written to")
    yield from buckets.answering()


def round_trip() -> Iterator[Finding]:
    """What is written, flushed and renamed comes back byte for byte, in good time; all areas share a disk, or
    a bucket gives back what it is given.
    """
    content = os.urandom(_SAMPLE_BYTES)
    begun = time.monotonic()
    folder = incoming_folder()
    handle, name = tempfile.mkstemp(dir=folder, prefix="doctor-")
    path, renamed = Path(name), Path(f"{name}-renamed")
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.replace(renamed)
        flush_folder(folder)
        same = renamed.read_bytes() == content
    finally:
        path.unlink(missing_ok=True)
        renamed.unlink(missing_ok=True)
    seconds = time.monotonic() - begun
    if not same:
        yield broken(
            "storage",
            "it gives back other bytes than were written",
            "Stop taking files in, replace the disk or its controller, and run manage.py check_fixity.",
        )
    elif seconds > _SLOW_SECONDS:
        yield warning(
            "storage",
            f"writing {filesizeformat(_SAMPLE_BYTES)} to disk took {seconds:.1f} s",
            "Look for what keeps the disk busy or failing (iostat, smartctl), or use a faster one.",
        )
    else:
        yield fine("storage", f"written, flushed, renamed and read back in {seconds * 1000:.0f} ms")
    yield from _areas(folder)
    yield from buckets.round_trip()


def left_behind() -> Iterator[Finding]:
    """Files without a name that a crash has left in the folder for what comes in."""
    oldest = time.time() - _LEFT_SECONDS
    left = [
        entry
        for entry in os.scandir(incoming_folder())
        if entry.stat(follow_symlinks=False).st_mtime < oldest
    ]
    left = [entry for entry in left if entry.name != "uploads"]
    if not left:
        yield fine("incoming files", "nothing old lies about")
        return
    yield warning(
        "incoming files",
        f"{len(left)} without a name are older than three days in {incoming_folder()}",
        "The queue removes them every hour, so look whether it works. What is stored has a name and lies"
        " elsewhere.",
    )


def fixity() -> Iterator[Finding]:
    """What the checks of all files have found, and that they keep their promise."""
    counts = {kind: count for kind, count in counts_by_kind().items() if count}
    lost = sum(count for kind, count in counts.items() if kind != FixityFinding.Kind.UNKNOWN)
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    if lost:
        yield broken(
            "fixity",
            f"files are not as they should be: {said}",
            "Put them back from a backup (manage.py check_fixity names them), and check again.",
        )
    elif counts:
        yield warning(
            "fixity",
            f"files that nobody names: {said}",
            "See what they are (manage.py check_fixity names them), and move them out of the media folder.",
        )
    else:
        yield fine("fixity", "no open findings")
    if FixityRun.objects.exists() and (share := shelves_read_lately() / SHELVES) < 1 and _is_old_enough():
        yield warning(
            "fixity schedule",
            f"only {share:.0%} of all files were read within the last {settings.PULIH_FIXITY_DAYS} days",
            "See that a worker runs day and night, or run manage.py check_fixity.",
        )


def orphans() -> Iterator[Finding]:
    """What rows name and the disk has not, and the other way round: by names alone, nothing is read."""
    named = {holding.file.key for holding in holdings()}
    lying = set(lying_keys(0, SHELVES))
    missing, strangers = named - lying, lying - named
    if missing:
        yield broken(
            "stored files",
            f"{len(missing)} of {len(named)} are missing, {sorted(missing)[0]} among them",
            "Put them back from a backup to the same paths, then run manage.py check_fixity.",
        )
    if strangers:
        yield warning(
            "files that no row names",
            f"{len(strangers)}, {sorted(strangers)[0]} among them",
            "Run manage.py check_fixity while nothing is restored; what it calls unknown may be moved.",
        )
    if not missing and not strangers:
        yield fine("stored files", f"all {len(named)} are there, and no others")


def orphans_of_few() -> Iterator[Finding]:
    """`orphans`, unless there are so many files that counting takes minutes."""
    if Original.objects.count() > MOST_COUNTED:
        yield fine("stored files", "too many to count by the way: ask for it with --files")
        return
    yield from orphans()


def _areas(incoming: Path) -> Iterator[Finding]:
    device = incoming.stat().st_dev
    for area in Area:
        folder = store().on_disk(area)
        if folder is None or not folder.exists():
            continue
        if folder.stat().st_dev != device:
            yield broken(
                f"storage of {area}",
                f"{folder} is another file system than {incoming}, so nothing can be stored in one step",
                f"Mount one file system at {incoming.parent} with all folders in it.",
            )
        elif not os.access(folder, os.W_OK | os.X_OK):
            yield broken(
                f"storage of {area}", f"{folder} cannot be written to", _MEND_WRITING.format(folder=folder)
            )


def _is_old_enough() -> bool:
    """Whether the schedule has had the time to read everything once."""
    first = FixityRun.objects.order_by("started_at").values_list("started_at", flat=True)[0]
    return (time.time() - first.timestamp()) / 86400 > settings.PULIH_FIXITY_DAYS
