"""What a backup takes over from the one before it: files that both hold are linked instead of copied.

So the bytes of a file lie on the disk once for a whole chain of backups, and rot there would reach all of
them. Therefore each backup reads again a part of what it links; within `READ_AGAIN_WITHIN` backups all of it.
What is no longer what its manifest says is copied anew from the archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bagit

from archive.bags.reading import payload_digests
from archive.files.storage import sha256_of
from archive.messages import state_error

READ_AGAIN_WITHIN = 7
NUMBER = "Pulih-Backup-Number"
"""In bag-info.txt: how many backups stand in the chain, this one among them."""

IDENTIFIER = "External-Identifier"
IDENTIFIED_BY = "pulih-backup-"
"""What its value begins with; the time (UTC) follows."""

_LISTS = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt"}


@dataclass(slots=True)
class Base:
    """A backup that another takes over from. `number`: its place in the chain, from 1 on; `digests`: the
    SHA-256 of each of its files by the path below data/; `decayed`: those that were found to be something
    else.
    """

    folder: Path
    number: int
    digests: dict[str, str]
    decayed: list[str]

    def twin(self, path: str, *, sha256: str, byte_size: int | None = None) -> Path | None:
        """The file at `path` below data/, if it has this SHA-256 and, unless that is None, this size."""
        twin = self.folder / "data" / path
        if self.digests.get(path) != sha256 or not twin.is_file():
            return None
        if byte_size is not None and twin.stat().st_size != byte_size:
            return None
        is_its_turn = int(sha256[:8], 16) % READ_AGAIN_WITHIN == self.number % READ_AGAIN_WITHIN
        if is_its_turn and sha256_of(twin) != sha256:
            self.decayed.append(path)
            return None
        return twin


def open_base(folder: Path, *, target: Path) -> Base:
    """The backup in `folder`, for another one to be made as `target`, whose parent exists.

    Raises StateError `archive:backup:base-not-whole` where it is no backup, or its lists are not what they
    were; `archive:backup:base-elsewhere` where it is on another disk, since links do not lead there.
    """
    info = _info_of_whole(folder)
    if info is None:
        raise state_error("archive:backup:base-not-whole", base=folder)
    if folder.stat().st_dev != target.parent.stat().st_dev:
        raise state_error("archive:backup:base-elsewhere", base=folder)
    return Base(folder, int(info.get(NUMBER, "1")), payload_digests(folder), [])


def newest_backup(folder: Path) -> Path | None:
    """The newest of the whole backups in `folder`; None where there is none."""
    made = {
        each: info[IDENTIFIER]
        for each in folder.iterdir()
        if each.is_dir() and (info := _info_of_whole(each)) is not None
    }
    return max(made, key=lambda each: made[each], default=None)


def _info_of_whole(folder: Path) -> dict[str, str] | None:
    """What a backup says of itself, if its lists are those that were written with it. No file is read."""
    listed = folder / "tagmanifest-sha256.txt"
    if not listed.is_file():
        return None
    lines = (line.split(maxsplit=1) for line in listed.read_text(encoding="utf-8").splitlines())
    digests = {name: sha256 for sha256, name in lines}
    if not digests.keys() >= _LISTS:
        return None
    if any(not (folder / name).is_file() or sha256_of(folder / name) != digests[name] for name in _LISTS):
        return None
    info: dict[str, str] = bagit.Bag(str(folder)).info
    return info if info.get(IDENTIFIER, "").startswith(IDENTIFIED_BY) else None
