"""One part of a fixity run: some shelves, or the files of some photos, compared with their SHA-256."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.conf import settings

from archive.files.holdings import Holding, holdings, work_is_in_flight
from archive.files.storage import store
from archive.fixity.shelves import lying_keys, shelf_of
from archive.models import FixityFinding
from archive.querysets.visible import PhotoQuerySet

SETTLING_SECONDS = 5.0
"""A stranger younger than a minute may be a file whose row is about to be committed: it gets so much time."""

_YOUNG_SECONDS = 60
_BLOCK_BYTES = 1024 * 1024

Kind = FixityFinding.Kind


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it should be. `path` is its key in the store; a stranger has no `holding`."""

    kind: FixityFinding.Kind
    path: str
    holding: Holding | None = None
    found_sha256: str = ""


@dataclass(slots=True)
class PartReport:
    """What was found on the shelves up to, without, `end_shelf`. `sound`: those of the doubted paths with
    which nothing is wrong any more.
    """

    end_shelf: int
    file_count: int = 0
    byte_count: int = 0
    faults: list[Fault] = field(default_factory=list)
    sound: set[str] = field(default_factory=set)


def check_part(
    first: int,
    end: int,
    *,
    photos: PhotoQuerySet | None = None,
    deadline: float | None = None,
    doubted: Iterable[str] = (),
    settling_seconds: float = SETTLING_SECONDS,
) -> PartReport:
    """Check the shelves from `first` up to, without, `end`: what must stand there, and what else does.

    With `photos` only their files are read, and strangers are not looked for. Ends early, after a shelf, once
    `time.monotonic()` has passed `deadline`. `doubted`: paths of open findings on these shelves.

    What changes meanwhile is no fault: whatever looks wrong is looked at once more, with the rows as they are
    by then.
    """
    report = PartReport(end)
    expected = _expected(first, end, photos)
    suspects = _read_files(expected, report, deadline)
    strangers = []
    if photos is None:
        strangers = [path for path in lying_keys(first, report.end_shelf) if path not in expected]
    if suspects or strangers:
        if any(map(_is_young, strangers)):
            time.sleep(settling_seconds)
        expected = _expected(first, report.end_shelf, photos)
        again = [_fault_of(path, expected[path])[0] for path in suspects if path in expected]
        report.faults = [fault for fault in again if fault is not None]
        report.faults += [
            Fault(Kind.UNKNOWN, _printable(path))
            for path in strangers
            if path not in expected and _is_stranger(path)
        ]
    wrong = {fault.path for fault in report.faults}
    read = {path for path, holding in expected.items() if shelf_of(holding.sha256) < report.end_shelf}
    for path in set(doubted) - wrong:
        # Sound where a row names it, gone where none does.
        if path in read or (photos is None and path not in expected and store().age(path) is None):
            report.sound.add(path)
    return report


def _expected(first: int, end: int, photos: PhotoQuerySet | None) -> dict[str, Holding]:
    """What must stand on these shelves, each file once, by its path."""
    return {
        holding.file.key: holding for holding in holdings(photos) if first <= shelf_of(holding.sha256) < end
    }


def _read_files(expected: dict[str, Holding], report: PartReport, deadline: float | None) -> list[str]:
    """Read shelf after shelf and count; the paths with which something seems to be wrong."""
    suspects = []
    by_shelf = sorted(expected.items(), key=lambda item: item[1].sha256)
    for shelf, files in groupby(by_shelf, key=lambda item: shelf_of(item[1].sha256)):
        for path, holding in files:
            fault, byte_count = _fault_of(path, holding)
            report.file_count += 1
            report.byte_count += byte_count
            if fault:
                suspects.append(path)
        if deadline is not None and time.monotonic() > deadline:
            report.end_shelf = min(report.end_shelf, shelf + 1)
            break
    return suspects


def _fault_of(path: str, holding: Holding) -> tuple[Fault | None, int]:
    """What is wrong with a file that must be there, and how many bytes were read."""
    try:
        found, byte_count = _read(path)
    except FileNotFoundError:
        return Fault(Kind.MISSING, path, holding), 0
    except OSError:
        return Fault(Kind.UNREADABLE, path, holding), 0
    if found != holding.sha256:
        return Fault(Kind.CHANGED, path, holding, found), byte_count
    return None, byte_count


def _read(path: str) -> tuple[str, int]:
    """SHA-256 and size of what the store holds."""
    digest = hashlib.sha256()
    with store().stream(path, anew=True) as file:
        byte_count = 0
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            byte_count += len(block)
    return digest.hexdigest(), byte_count


def _is_stranger(path: str) -> bool:
    """Whether a file that no row names is one, and not what a worker has just made and will soon name."""
    age = store().age(path)
    if age is None:
        return False
    young = age < settings.Q_CLUSTER["timeout"]
    return not (young and work_is_in_flight())


def _printable(path: str) -> str:
    """The path as a database takes it: names may be any bytes."""
    return path.encode(errors="backslashreplace").decode()[:500]


def _is_young(path: str) -> bool:
    age = store().age(path)
    return age is not None and age < _YOUNG_SECONDS
