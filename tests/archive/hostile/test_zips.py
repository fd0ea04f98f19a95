"""What tests/archive/test_zip_import.py does not try: limits at their full size, and cleverer traps."""

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from pytest_django import Settings

from archive.errors import InputError
from archive.importing.entries import Entry
from archive.importing.zips import declared_entries, open_zip
from tests import pictures
from tests.archive.hostile.filenames import HOSTILE
from tests.archive.zips import zipped

ONE = pictures.png(pictures.gradient(8, 8))


def code_of(path: Path) -> str:
    with pytest.raises(InputError) as refused, open_zip(path):
        pass
    return refused.value.code


def read_all(entry: Entry) -> bytes:
    with entry.open() as source:
        content = b""
        while piece := source.read(1 << 16):
            content += piece
        return content


def _ended(directory: bytes, entries: int) -> bytes:
    """A ZIP of a directory alone, with the end that counts beyond 65,535."""
    size = len(directory)
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return directory + end_64 + locator + end


def test_one_entry_more_than_a_hundred_thousand(tmp_path: Path, settings: Settings) -> None:
    assert settings.PULIH_MAX_ZIP_ENTRIES == 100_000
    path = tmp_path / "many.zip"
    entry = struct.pack("<4s4B4H3L5H2L", b"PK\1\2", 20, 0, 20, *[0] * 8, 9, *[0] * 6)
    entry += b"12345.png"
    path.write_bytes(_ended(entry * 100_001, 100_001))
    started = time.process_time()
    with pytest.raises(InputError) as refused:
        declared_entries(path)
    assert refused.value.code == "archive:zip:too-many-entries"
    # From its last bytes alone, before the directory's megabytes are read.
    assert time.process_time() - started < 0.1
    # It is a ZIP of so many to others, too.
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == 100_001


def test_a_directory_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.png": ONE}))
    end = content.rindex(b"PK\5\6")
    struct.pack_into("<L", content, end + 12, 0xFFFFFFF0)
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert code_of(path) == "archive:zip:too-many-entries"


def quoted_zip(entries: int) -> bytes:
    """Fifield's way (2019): each entry's packed bytes quote the local header of the next, and so run through
    all that follow to one kernel at the end. Every local header is sound, unlike in `overlapping_zip`.
    """
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = bytes(1_000_000)
    packed = packing.compress(plain) + packing.flush()
    body, unpacked = packed, plain
    files: list[tuple[bytes, bytes, bytes, int]] = []
    for number in reversed(range(entries)):
        name = b"%04d.png" % number
        checksum = zlib.crc32(unpacked)
        header = struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, checksum, len(body), len(unpacked), len(name), 0
        )
        files.append((name, header + name, body, checksum))
        whole = header + name + body
        # A stored block with the header as its text, and what follows goes on as it was.
        body = struct.pack("<BHH", 0, len(header + name), len(header + name) ^ 0xFFFF) + whole
        unpacked = header + name + unpacked
    files.reverse()
    content, directory, offset = b"", b"", 0
    for number, (name, header, packed_from_here, checksum) in enumerate(files):
        size = len(plain) + sum(len(each[1]) for each in files[number + 1 :])
        directory += (
            struct.pack(
                "<4s4B4H3L5H2L",
                *(b"PK\1\2", 20, 0, 20, 0, 0, 8, 0, 0, checksum, len(packed_from_here), size, len(name)),
                *(0, 0, 0, 0, 0, offset),
            )
            + name
        )
        quote = b"" if number == len(files) - 1 else struct.pack("<BHH", 0, 38, 38 ^ 0xFFFF)
        content += header + quote
        offset += len(header) + len(quote)
    content += packed
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, len(directory), len(content), 0)
    return content + directory + end


def test_entries_that_quote_one_another_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(quoted_zip(200))
    with zipfile.ZipFile(path) as archive:
        # It is a sound one, to whoever does not look.
        assert sum(info.file_size for info in archive.infolist()) > 200_000_000
        assert zlib.crc32(archive.read("0199.png")) == archive.getinfo("0199.png").CRC
    assert path.stat().st_size < 30_000
    assert code_of(path) == "archive:zip:overlapping"


def test_bytes_count_that_come_out_not_those_that_are_told(tmp_path: Path, settings: Settings) -> None:
    """The directory says ten bytes, and a hundred megabytes would come."""
    settings.PULIH_MAX_UNPACKED_BYTES = 5_000_000
    content = bytearray(zipped({"a.png": bytes(100_000_000)}))
    for mark, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<L", content, content.rindex(mark) + place, 10)
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with open_zip(path) as opened:
        with pytest.raises(InputError) as refused:
            read_all(opened.entries[0])
        assert refused.value.code in {"archive:zip:damaged", "archive:zip:too-much"}
        assert opened.bytes_read <= 5_000_000 + (1 << 16)


def test_what_earlier_turns_unpacked_counts_too(tmp_path: Path, settings: Settings) -> None:
    settings.PULIH_MAX_UNPACKED_BYTES = 1_000_000
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.png": bytes(600_000)}))
    with open_zip(path) as opened:
        assert len(read_all(opened.entries[0])) == 600_000
        read = opened.bytes_read
    with open_zip(path, bytes_read=read) as opened, pytest.raises(InputError) as refused:
        read_all(opened.entries[0])
    assert refused.value.code == "archive:zip:too-much"


def test_no_name_leads_anywhere(tmp_path: Path) -> None:
    """Three hundred of them: each is refused, or is a name and a folder that are only shown."""
    path = tmp_path / "names.zip"
    names = sorted({name.replace("\0", "") for name in HOSTILE if name.isprintable()} - {""})
    path.write_bytes(zipped(dict.fromkeys(names, ONE)))
    before = sorted(tmp_path.rglob("*"))
    with open_zip(path) as opened:
        assert len(opened.entries) >= 150
        for entry in opened.entries:
            if entry.refusal is None:
                assert not entry.path.startswith("/"), entry.path
                assert ".." not in entry.path.split("/"), entry.path
                assert read_all(entry) == ONE
            assert "/" not in entry.filename
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("position", range(0, 400, 3))
def test_a_zip_that_is_broken_anywhere_is_refused_or_read(tmp_path: Path, position: int) -> None:
    content = bytearray(zipped({"a.png": ONE, "b/c.png": ONE, "d.txt": b"text"}, zipfile.ZIP_DEFLATED))
    place = position * len(content) // 400
    content[place : place + 4] = b"\xff\xff\x00\x80"
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert all(code.startswith("archive:zip:") for code in refusals(path))


def refusals(path: Path) -> list[str]:
    """The codes of what cannot be read of the ZIP, or of the ZIP itself."""
    codes = []
    try:
        with open_zip(path) as opened:
            for entry in opened.entries:
                try:
                    read_all(entry)
                except InputError as error:
                    codes.append(error.code)
    except InputError as error:
        codes.append(error.code)
    return codes


def test_a_picture_in_front_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(pictures.png() + zipped({"a.png": ONE, "../b.png": ONE}))
    with open_zip(path) as opened:
        assert [(entry.path, entry.refusal is None) for entry in opened.entries] == [
            ("a.png", True),
            ("../b.png", False),
        ]
        assert read_all(opened.entries[0]) == ONE


def test_the_name_in_front_of_the_bytes_has_no_say(tmp_path: Path) -> None:
    """A local header may name another file than the directory does; unpackers have been fooled by it."""
    content = zipped({"good.png": ONE})
    path = tmp_path / "a.zip"
    path.write_bytes(content.replace(b"good.png", b"/../a.sh", 1))
    with open_zip(path) as opened:
        (entry,) = opened.entries
        assert entry.path == "good.png"
        with pytest.raises(InputError) as refused:
            read_all(entry)
    assert refused.value.code == "archive:zip:damaged"


def test_what_is_packed_in_memory_stays_small(tmp_path: Path) -> None:
    """One entry of 60 MB of nothing: never in memory whole."""
    path = tmp_path / "a.zip"
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.png", "w", force_zip64=True) as file,
    ):
        for _block in range(6):
            file.write(bytes(10_000_000))
    path.write_bytes(buffer.getvalue())
    with open_zip(path) as opened, opened.entries[0].open() as source:
        sizes = []
        while piece := source.read(1 << 20):
            sizes.append(len(piece))
    assert (sum(sizes), max(sizes)) == (60_000_000, 1 << 20)
