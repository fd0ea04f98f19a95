"""Files in a bucket: what a store promises, kept by an S3 server."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from archive.files import bucket_store, storage
from archive.files.storage import Area, FixityError, StoredFile
from archive.files.stores import StoreUnavailableError
from archive.fixity.shelves import lying_keys
from tests.buckets import NOBODY_LISTENS, Bucket

CONTENT = b"what a curator sent" * 60_000  # more than one block, and than one piece
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ORIGINAL = StoredFile(Area.ORIGINALS, SHA256)


def waiting(content: bytes = CONTENT) -> Path:
    path = storage.incoming_folder() / "waiting"
    path.write_bytes(content)
    return path


@pytest.fixture
def stored(bucket: Bucket) -> StoredFile:
    return storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256)


@pytest.fixture
def away(settings: Settings, stored: StoredFile) -> StoredFile:
    """A file in a bucket whose server does not answer."""
    settings.PULIH_BUCKET = replace(settings.PULIH_BUCKET, endpoint=NOBODY_LISTENS, timeout=1.0)
    return stored


def test_an_adopted_file_lies_in_the_bucket_alone(
    stored: StoredFile, bucket: Bucket, media_root: Path
) -> None:
    assert stored == ORIGINAL
    assert bucket.held() == {f"originals/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"}
    assert bucket.read(stored) == CONTENT
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


def test_it_is_read_whole_in_parts_and_as_a_local_copy(stored: StoredFile) -> None:
    with stored.stream() as file:
        assert file.read() == CONTENT
    with stored.open() as file:
        for first, count in ((0, 10), (500_000, 300_000), (7, 1), (len(CONTENT) - 5, 50), (300_000, 400_000)):
            file.seek(first)
            assert file.read(count) == CONTENT[first : first + count]
        file.seek(-19, os.SEEK_END)
        assert file.read() == CONTENT[-19:]
    with stored.local_copy() as path:
        assert path.read_bytes() == CONTENT
    assert not path.exists()
    lying = stored.find()
    assert lying is not None
    assert lying.byte_size == len(CONTENT)


def test_what_is_cut_off_on_its_way_here_is_fetched_from_there_on(
    stored: StoredFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ReadTimeoutError
    from botocore.response import StreamingBody

    read, reads = StreamingBody.read, []

    def cut_off_the_second_time(self: Any, size: int | None = None) -> bytes:
        reads.append(size)
        if len(reads) == 2:
            raise ReadTimeoutError(endpoint_url="here")
        content: bytes = read(self, size)
        return content

    monkeypatch.setattr(StreamingBody, "read", cut_off_the_second_time)
    with stored.stream() as file:
        assert file.read() == CONTENT
    assert len(reads) > 2


def test_what_is_not_there_is_said_as_of_a_disk(bucket: Bucket) -> None:
    assert ORIGINAL.find() is None
    assert storage.store().age(ORIGINAL.key) is None
    assert storage.store().digest(ORIGINAL.key) is None
    for read in (ORIGINAL.open, ORIGINAL.stream):
        with pytest.raises(FileNotFoundError):
            read()
    with pytest.raises(FileNotFoundError), ORIGINAL.local_copy():
        pass
    storage.remove(area=Area.ORIGINALS, sha256=SHA256)


def test_what_is_there_already_is_not_sent_again_and_what_has_decayed_is(
    stored: StoredFile, bucket: Bucket
) -> None:
    before = stored.find()
    storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256)
    assert stored.find() == before
    bucket.write(stored, b"X" + CONTENT[1:])
    again = waiting()
    storage.adopt(again, area=Area.ORIGINALS, sha256=SHA256)
    assert bucket.read(stored) == CONTENT
    assert not again.exists()


def test_bytes_that_change_on_the_way_are_noticed_and_nothing_stays(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.client import BaseClient

    call = BaseClient._make_api_call

    def spoil(self: Any, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "PutObject":
            arguments = {"Bucket": arguments["Bucket"], "Key": arguments["Key"], "Body": b"other bytes"}
        return call(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", spoil)
    source = waiting()
    with pytest.raises(FixityError, match=SHA256):
        storage.adopt(source, area=Area.ORIGINALS, sha256=SHA256)
    assert bucket.held() == set()
    assert source.exists()


def test_what_is_too_large_for_one_request_goes_in_parts(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_store, "_MOST_AT_ONCE", 1024)
    monkeypatch.setattr(bucket_store, "_PART", 5 * 1024**2)
    content = os.urandom(12 * 1024**2)
    sha256 = hashlib.sha256(content).hexdigest()
    stored = storage.adopt(waiting(content), area=Area.RESULTS, sha256=sha256, suffix=".tif")
    assert bucket.read(stored) == content
    with stored.local_copy() as path:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    assert storage.store().digest(stored.key) == sha256


def test_marks_are_left_once_touched_moved_and_cleared(bucket: Bucket) -> None:
    store = storage.store()
    assert [store.mark("incoming/placing-1/a"), store.mark("incoming/placing-1/a")] == [True, False]
    store.mark("incoming/placing-2/b")
    store.touch("incoming/placing-1/a")
    store.move("incoming/placing-1/a", "incoming/placing-1/c")
    assert list(store.keys("incoming/placing-")) == ["incoming/placing-1/c", "incoming/placing-2/b"]
    store.clear("incoming/placing-1")
    assert bucket.held() == {"incoming/placing-2/b"}


def test_every_key_stands_on_one_shelf_and_strangers_before_one(bucket: Bucket) -> None:
    names = [f"{digits}{'0' * 60}" for digits in ("0000", "00ff", "7fff", "ffff")]
    keys = {StoredFile(Area.ORIGINALS, name).key for name in names}
    strangers = {"originals/READ ME", "originals/7f/stray", "layers/ab", "results/zz/z"}
    for key in keys | strangers:
        storage.store().mark(key)
    parts = [list(lying_keys(first, first + 4096)) for first in range(0, 65_536, 4096)]
    assert sorted(key for part in parts for key in part) == sorted(keys | strangers)
    assert list(lying_keys(0x00FF, 0x0100)) == [StoredFile(Area.ORIGINALS, names[1]).key]


def test_a_bucket_away_is_said_at_every_question(away: StoredFile) -> None:
    store = storage.store()
    questions = [
        store.answer,
        away.find,
        away.open,
        away.stream,
        away.verify,
        lambda: list(store.keys("originals/")),
        lambda: store.mark("incoming/placing-1/a"),
        lambda: storage.remove(area=Area.ORIGINALS, sha256=SHA256),
        lambda: storage.adopt(waiting(), area=Area.ORIGINALS, sha256=SHA256),
    ]
    for ask in questions:
        with pytest.raises(StoreUnavailableError):
            ask()


def test_a_bucket_that_is_not_there_is_no_empty_one(bucket: Bucket, settings: Settings) -> None:
    settings.PULIH_BUCKET = replace(bucket.settings, name="another-one")
    for ask in (ORIGINAL.stream, storage.store().answer, lambda: list(lying_keys(0, 65_536))):
        with pytest.raises(StoreUnavailableError):
            ask()


def test_secrets_are_shown_nowhere(stored: StoredFile, settings: Settings) -> None:
    assert settings.PULIH_BUCKET.secret_key
    assert settings.PULIH_BUCKET.secret_key not in repr(settings.PULIH_BUCKET)
