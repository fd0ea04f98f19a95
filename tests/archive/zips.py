"""ZIPs made in memory, honest ones and traps."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of files by path, written as they stand, whatever the path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            # Through ZipInfo, since its filename can be set to anything afterwards.
            info = zipfile.ZipInfo("x")
            info.filename = path
            info.compress_type = method
            archive.writestr(info, content)
    return buffer.getvalue()


def zip_of_kind(mode: int, path: str = "photo.png", content: bytes = b"/etc/passwd") -> bytes:
    """A ZIP whose one entry is, by its Unix mode, no ordinary file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(path)
        info.create_system = 3
        info.external_attr = mode << 16
        archive.writestr(info, content)
    return buffer.getvalue()


def changed(
    content: bytes, *, flags: int | None = None, size: int | None = None, method: int | None = None
) -> bytes:
    """The ZIP with other words in the headers of its (only) entry: flag bits, unpacked size, method."""
    local = bytearray(content)
    directory = content.rindex(b"PK\1\2")
    for offset, given, form in ((6, flags, "<H"), (8, method, "<H"), (22, size, "<L")):
        if given is not None:
            struct.pack_into(form, local, offset, given)
            struct.pack_into(form, local, directory + offset + 2, given)
    return bytes(local)


def overlapping_zip(content: bytes, entries: int) -> bytes:
    """Many entries that share one packed file: a few bytes become a mountain."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(content) + packed.flush()
    crc = zlib.crc32(content)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), len(content), 5, 0) + b"a.png"
    directory = b"".join(
        struct.pack(
            "<4s4B4H3L5H2L",
            *(b"PK\1\2", 20, 0, 20, 0, 0, 8, 0, 0, crc, len(body), len(content), 9, 0, 0, 0, 0, 0, 0),
        )
        + b"%05d.png" % number
        for number in range(entries)
    )
    start = len(local) + len(body)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, len(directory), start, 0)
    return local + body + directory + end


def many_entries(path: Path, entries: int) -> None:
    """A ZIP of so many empty files."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(entries):
            archive.writestr(zipfile.ZipInfo(f"{number}.png"), b"")
