"""Files get a name only when they are whole, and keep it."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.errors import InputError
from archive.files import storage
from archive.files.storage import Area, FixityError, ReceivedFile, StoredFile
from tests.stored import path_of, stored_path

CONTENT = b"what a curator sent" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def waiting(content: bytes = CONTENT) -> Path:
    path = storage.incoming_folder() / "waiting"
    path.write_bytes(content)
    return path


class Chunked:
    """An upload as Django hands it over."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    def chunks(self, size: int) -> tuple[bytes, ...]:
        return self._chunks


class EndsInFailure:
    """One byte more than CONTENT, then trouble for whoever reads on."""

    def chunks(self, size: int) -> Iterator[bytes]:
        yield CONTENT
        yield b"x"
        raise AssertionError("read on after the limit was passed")


@pytest.mark.parametrize(
    "file", [io.BytesIO(CONTENT), Chunked(CONTENT[:7], CONTENT[7:])], ids=["read", "chunks"]
)
def test_receive_hashes_and_counts_whatever_way_the_bytes_come(file: object) -> None:
    with storage.receive(file) as received:
        assert received == ReceivedFile(received.path, SHA256, len(CONTENT))
        assert received.path.read_bytes() == CONTENT


def test_received_file_is_gone_afterwards_also_after_an_error(media_root: Path) -> None:
    with storage.receive(io.BytesIO(CONTENT)):
        assert len(files_below(media_root)) == 1
    assert files_below(media_root) == []
    with pytest.raises(KeyError), storage.receive(io.BytesIO(CONTENT)):
        raise KeyError
    assert files_below(media_root) == []


def test_receive_refuses_an_empty_file(media_root: Path) -> None:
    with pytest.raises(InputError) as refused, storage.receive(io.BytesIO()):
        pass
    assert refused.value.code == "archive:file:empty"
    assert files_below(media_root) == []


def test_receive_takes_exactly_the_limit_and_stops_reading_above_it(media_root: Path) -> None:
    with storage.receive(io.BytesIO(CONTENT), max_bytes=len(CONTENT)) as received:
        assert received.byte_size == len(CONTENT)

    with pytest.raises(InputError) as refused, storage.receive(EndsInFailure(), max_bytes=len(CONTENT)):
        pass
    assert refused.value.code == "archive:file:too-large"
    assert files_below(media_root) == []


def test_limit_is_said_in_a_sentence() -> None:
    with pytest.raises(InputError) as refused, storage.receive(io.BytesIO(CONTENT), max_bytes=1024):
        pass
    assert str(refused.value) == "The file is larger than 1.0 KB."


def test_adopt_moves_the_file_to_the_name_of_its_content(media_root: Path) -> None:
    source = waiting()
    stored = storage.adopt(source, area=Area.ORIGINALS, sha256=SHA256)
    assert path_of(stored) == media_root / "originals" / SHA256[:2] / SHA256[2:4] / SHA256
    assert path_of(stored).read_bytes() == CONTENT
    assert not source.exists()


def test_adopted_file_cannot_be_written_to() -> None:
    stored = storage.adopt(waiting(), area=Area.RESULTS, sha256=SHA256, suffix=".png")
    assert path_of(stored).stat().st_mode & 0o222 == 0


def test_adopt_twice_keeps_the_file_that_is_there() -> None:
    first = storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256)
    inode = path_of(first).stat().st_ino
    again = waiting()
    assert storage.adopt(again, area=Area.ORIGINALS, sha256=SHA256) == first
    assert path_of(first).stat().st_ino == inode
    assert not again.exists()


def test_adopt_mends_a_stored_file_that_has_decayed() -> None:
    stored = path_of(storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256))
    stored.chmod(0o644)
    stored.write_bytes(b"X" + CONTENT[1:])
    storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256)
    assert stored.read_bytes() == CONTENT


def test_adopt_refuses_content_that_is_not_what_was_received(media_root: Path) -> None:
    source = waiting(CONTENT + b"!")
    with pytest.raises(FixityError, match=SHA256):
        storage.adopt(source, area=Area.ORIGINALS, sha256=SHA256)
    assert source.exists()
    assert files_below(media_root) == [source]


def test_a_failed_rename_leaves_nothing_under_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256)
    assert not stored_path(Area.ORIGINALS, SHA256).exists()


def test_content_is_on_disk_before_it_gets_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    flush, rename = os.fsync, Path.replace

    def flushed(descriptor: int) -> None:
        steps.append("flush")
        flush(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256)
    assert steps[0] == "flush"
    assert steps[-2:] == ["rename", "flush"]


def test_remove_is_content_with_a_file_that_is_gone() -> None:
    stored = storage.adopt(waiting(), area=Area.RESULTS, sha256=SHA256, suffix=".png")
    for _ in range(2):
        storage.remove(area=Area.RESULTS, sha256=SHA256, suffix=".png")
    assert not stored.exists()


@pytest.mark.parametrize(
    "sha256", ["", "ab", "../" * 21 + "x", SHA256.upper(), SHA256 + "0", SHA256[:-1] + "\n"]
)
def test_a_name_refuses_what_is_no_sha256(sha256: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        StoredFile(Area.ORIGINALS, sha256)


@pytest.mark.parametrize("suffix", ["/../../secret", "/x", "\0"])
def test_a_name_refuses_a_suffix_that_leads_elsewhere(suffix: str) -> None:
    with pytest.raises(ValueError, match="not a suffix"):
        StoredFile(Area.RESULTS, SHA256, suffix)
