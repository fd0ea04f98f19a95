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
from pathlib import Path
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED

from zipstream import ZipStream

from archive.files.storage import FixityError

_CHUNK_BYTES = 1024 * 1024
_PACKED_BY_THEMSELVES = (".txt", ".csv", ".json", ".jsonl", ".jsonld", ".xml")
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

Member = tuple[str, Iterator[bytes]]


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class BagFile:
    """One file of a bag's payload. `path`: below data/, with "/"; see `PortableNames`.

    `opened` opens the bytes when their turn comes. `sha256`: what they must have; None where nobody knows
    before.
    """

    path: str
    opened: Callable[[], AbstractContextManager[Readable]]
    sha256: str | None = None


def bag_members(files: Iterable[BagFile], info: dict[str, str]) -> Iterator[Member]:
    """Every file of the bag with its bytes, to be used up one after the other; the manifests come last.

    `info` goes into bag-info.txt, beside the date and Payload-Oxum. Raises FixityError on the way when a file
    is not what it should be, and FileNotFoundError when it is gone: the bag is worth nothing then.
    """
    payload, tags = _Tally(), _Tally()
    yield tags.count("bagit.txt", [_DECLARATION])
    for file in files:
        yield payload.count(f"data/{file.path}", _chunks_of(file), expected=file.sha256)
    about = info | {
        "Bagging-Date": date.today().isoformat(),
        "Payload-Oxum": f"{payload.byte_count}.{len(payload.sha256_of)}",
    }
    yield tags.count("bag-info.txt", [_tag_lines(about)])
    yield tags.count("manifest-sha256.txt", payload.manifest())
    yield "tagmanifest-sha256.txt", tags.manifest()


def write_folder(members: Iterator[Member], folder: Path) -> None:
    """Pour a bag into `folder`, a new one, and flush it to disk. FileExistsError where there is one."""
    folder.mkdir(parents=True)
    for name, chunks in members:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())


def stream_zip(members: Iterator[Member], *, top: str) -> Iterator[bytes]:
    """Pour a bag into a ZIP, chunk by chunk; everything in it lies in the folder `top`.

    Pictures are stored as they are, for they are compressed already.
    """
    stream = ZipStream(compress_type=ZIP_STORED)
    for name, chunks in members:
        packing = ZIP_DEFLATED if name.endswith(_PACKED_BY_THEMSELVES) else ZIP_STORED
        stream.add(chunks, f"{top}/{name}", compress_type=packing)
        yield from stream.all_files()
    yield from stream.finalize()


class _Tally:
    """What went by: names with their SHA-256, and the sum of bytes."""

    def __init__(self) -> None:
        self.sha256_of: dict[str, str] = {}
        self.byte_count = 0

    def count(self, name: str, chunks: Iterable[bytes], *, expected: str | None = None) -> Member:
        return name, self._passing(name, chunks, expected)

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
