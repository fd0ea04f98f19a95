"""A bag as a stream of files, and the two things it can be poured into: a folder and a ZIP.

Everything is read once: hashed while it goes out, compared with what is known of it, and the manifests come
last. So a bag of any size takes the memory of one chunk and of its lists of names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED

from zipstream import ZipStream

from archive.files.storage import FixityError

_CHUNK_BYTES = 1024 * 1024
_PACKED_BY_THEMSELVES = (".txt", ".csv", ".json", ".jsonl", ".jsonld", ".xml")
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class BagFile:
    """One file of a bag's payload. `path`: below data/, with "/"; see `PortableNames`.

    `opened` opens the bytes when their turn comes. `sha256`: what they must have; None where nobody knows
    before. `twin`: a file that has this SHA-256, on the disk that a folder is made on; it is linked there
    without being read.
    """

    path: str
    opened: Callable[[], AbstractContextManager[Readable]]
    sha256: str | None = None
    twin: Path | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file on its way into the bag: either its `chunks` are used up, or it is put in place by `link`."""

    name: str
    chunks: Iterator[bytes]
    link: Callable[[Path], None] | None = None


def bag_members(files: Iterable[BagFile], info: dict[str, str]) -> Iterator[Member]:
    """Every file of the bag with its bytes, to be used up one after the other; the manifests come last.

    `info` goes into bag-info.txt, beside the date and Payload-Oxum. Raises FixityError on the way when a file
    is not what it should be, and FileNotFoundError when it is gone: the bag is worth nothing then.
    """
    payload, tags = _Tally(), _Tally()
    yield tags.count("bagit.txt", [_DECLARATION])
    for file in files:
        yield payload.member(file)
    about = info | {
        "Bagging-Date": date.today().isoformat(),
        "Payload-Oxum": f"{payload.byte_count}.{len(payload.sha256_of)}",
    }
    yield tags.count("bag-info.txt", [_tag_lines(about)])
    yield tags.count("manifest-sha256.txt", payload.manifest())
    yield Member("tagmanifest-sha256.txt", tags.manifest())


def write_folder(members: Iterator[Member], folder: Path) -> None:
    """Pour a bag into `folder`, a new one, and flush it to disk. FileExistsError where there is one."""
    folder.mkdir(parents=True)
    for member in members:
        target = folder / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if member.link is not None:
            member.link(target)
            continue
        with target.open("xb") as file:
            for chunk in member.chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())


def stream_zip(members: Iterator[Member], *, top: str) -> Iterator[bytes]:
    """Pour a bag into a ZIP, chunk by chunk; everything in it lies in the folder `top`.

    Pictures are stored as they are, for they are compressed already.
    """
    stream = ZipStream(compress_type=ZIP_STORED)
    for member in members:
        packing = ZIP_DEFLATED if member.name.endswith(_PACKED_BY_THEMSELVES) else ZIP_STORED
        stream.add(member.chunks, f"{top}/{member.name}", compress_type=packing)
        yield from stream.all_files()
    yield from stream.finalize()


class _Tally:
    """What went by: names with their SHA-256, and the sum of bytes."""

    def __init__(self) -> None:
        self.sha256_of: dict[str, str] = {}
        self.byte_count = 0

    def count(self, name: str, chunks: Iterable[bytes]) -> Member:
        return Member(name, self._passing(name, chunks, None))

    def member(self, file: BagFile) -> Member:
        name = f"data/{file.path}"
        link = partial(self._link, name, file.twin, file.sha256) if file.twin and file.sha256 else None
        return Member(name, self._passing(name, _chunks_of(file), file.sha256), link)

    def _link(self, name: str, twin: Path, sha256: str, target: Path) -> None:
        target.hardlink_to(twin)
        self.byte_count += target.stat().st_size
        self.sha256_of[name] = sha256

    def _passing(self, name: str, chunks: Iterable[bytes], expected: str | None) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            self.byte_count += len(chunk)
            yield chunk
        found = digest.hexdigest()
        if expected is not None and found != expected:
            raise FixityError(f"{name} should have SHA-256 {expected} but has {found}")
        self.sha256_of[name] = found

    def manifest(self) -> Iterator[bytes]:
        for name, sha256 in self.sha256_of.items():
            yield f"{sha256}  {name}\n".encode()


def _chunks_of(file: BagFile) -> Iterator[bytes]:
    with file.opened() as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            yield chunk


def _tag_lines(tags: dict[str, str]) -> bytes:
    """Lines of a tag file; a value stays on one line, whatever people wrote."""
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in tags.items() if value).encode()
