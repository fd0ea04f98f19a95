"""Files in a bucket of S3, each at its key below a prefix, shared by every machine of the archive.

The server computes the SHA-256 of what it is sent and compares it with ours, and what it keeps is read back
before anybody relies on it. Credentials and connections are django-storages' affair.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from archive.files.bucket_reading import BucketFile
from archive.files.bucket_settings import BucketSettings
from archive.files.digests import FixityError, compare, sha256_of, sha256_of_stream
from archive.files.stores import Lying, StoreUnavailableError

# S3 takes no more than 5 GiB in one request; what is larger goes in parts.
_MOST_AT_ONCE = 4 * 1024**3  # bytes
_PART = 64 * 1024**2  # bytes, of which there may be 10,000
_BLOCK = 1024 * 1024  # bytes
_GONE = {"404", "NoSuchKey", "NotFound"}
_THERE_ALREADY = {"PreconditionFailed", "ConditionalRequestConflict"}
_SPOILED = {
    "BadDigest",
    "InvalidDigest",
    "XAmzContentChecksumMismatch",
    "XAmzContentSHA256Mismatch",
}
_SHELVES = 65_536


@cache
def bucket_store(bucket: BucketSettings, scratch: Path) -> BucketStore:
    """The store of that bucket, one in a process; `scratch`: the folder for copies that programs read."""
    return BucketStore(bucket, scratch)


# Two processes must not talk through one connection.
os.register_at_fork(after_in_child=bucket_store.cache_clear)


class BucketStore:
    """See `archive.files.stores.Store`. Raises StoreUnavailableError whenever the server does not answer as
    it should, and FixityError when it keeps other bytes than it was sent.
    """

    def __init__(self, bucket: BucketSettings, scratch: Path) -> None:
        self._scratch = scratch
        self._bucket = bucket.name
        self._prefix = f"{bucket.prefix}/" if bucket.prefix else ""
        self._storage = S3Storage(
            bucket_name=bucket.name,
            access_key=bucket.access_key or None,
            secret_key=bucket.secret_key or None,
            endpoint_url=bucket.endpoint or None,
            region_name=bucket.region,
            client_config=Config(
                connect_timeout=min(2.0, bucket.timeout),
                read_timeout=bucket.timeout,
                retries={"total_max_attempts": 3, "mode": "standard"},
                signature_version="s3v4",
                s3={"addressing_style": bucket.addressing},
                # Ours is SHA-256; other servers than Amazon's do not all know the one that boto3 would add.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def answer(self) -> None:
        """See the protocol."""
        with _answers("the bucket"):
            self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)

    def find(self, key: str) -> Lying | None:
        """See the protocol."""
        try:
            head = self._head(key)
        except FileNotFoundError:
            return None
        return Lying(head["ContentLength"], head["LastModified"].timestamp(), head["ETag"].strip('"'))

    def age(self, key: str) -> float | None:
        """See the protocol."""
        lying = self.find(key)
        return None if lying is None else time.time() - lying.changed_at

    def seems_there(self, key: str) -> bool:
        """See the protocol. A page would ask a hundred times, so nobody is asked."""
        return True

    def digest(self, key: str) -> str | None:
        """See the protocol. As the server computed it when it took the file; where it did not, by reading."""
        try:
            return self._told_digest(self._head(key)) or self._read_digest(key)
        except FileNotFoundError:
            return None

    def open(self, key: str, lying: Lying | None = None) -> BinaryIO:
        """See the protocol."""
        lying = lying or self.find(key)
        if lying is None:
            raise FileNotFoundError(key)
        return self._file(key, lying)

    def stream(self, key: str, *, anew: bool = False) -> BinaryIO:
        """See the protocol. One request for all of it; nobody remembers anything of it."""
        with _answers(key):
            got = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
        lying = Lying(got["ContentLength"], got["LastModified"].timestamp(), got["ETag"].strip('"'))
        return self._file(key, lying, got["Body"])

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """See the protocol. A copy that is gone afterwards, compared with the server's word for it."""
        told = self._told_digest(self._head(key))
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="copy-") as folder:
            path = Path(folder) / key.rpartition("/")[2]
            digest = hashlib.sha256()
            with self.stream(key) as source, path.open("wb") as target:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    target.write(block)
            if told is not None and digest.hexdigest() != told:
                raise StoreUnavailableError(f"{key} was spoiled on its way here")
            yield path

    def on_disk(self, key: str) -> Path | None:
        """See the protocol."""
        return None

    def put(self, path: Path, key: str, *, sha256: str | None = None) -> None:
        """See the protocol. Raises FixityError when the server keeps other bytes; then it keeps none."""
        sha256 = sha256 or sha256_of(path)
        try:
            self._send(path, key, sha256)
            found = self._told_digest(self._head(key)) or self._read_digest(key)
            compare(key, found=found, sha256=sha256)
        except FixityError:
            self.remove(key)
            raise
        path.unlink()

    def remove(self, key: str) -> None:
        """See the protocol."""
        with _answers(key):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def move(self, key: str, to: str) -> None:
        """See the protocol. Copied by the server, and only then removed."""
        with _answers(key):
            source = {"Bucket": self._bucket, "Key": self._prefix + key}
            self._client.copy(source, self._bucket, self._prefix + to)
        self.remove(key)

    def mark(self, key: str) -> bool:
        """See the protocol."""
        try:
            with _answers(key):
                self._client.put_object(
                    Bucket=self._bucket, Key=self._prefix + key, Body=b"", IfNoneMatch="*"
                )
        except FileExistsError:
            return False
        return True

    def touch(self, key: str) -> None:
        """See the protocol. Copied by the server to where it lies."""
        with _answers(key):
            self._client.copy_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                CopySource={"Bucket": self._bucket, "Key": self._prefix + key},
                MetadataDirective="REPLACE",
            )

    def keys(self, prefix: str) -> Iterator[str]:
        """See the protocol."""
        return self._listed(prefix)

    def shelved(self, area: str, first: int, end: int) -> Iterator[str]:
        """See the protocol. A bucket's keys come in the order of their letters, and so of the shelves."""
        after = _before_shelf(area, first) if first else ""
        last = _before_shelf(area, end) if end < _SHELVES else None
        for key in self._listed(f"{area}/", after=after):
            if last is not None and key > last:
                break
            yield key

    def clear(self, folder: str) -> None:
        """See the protocol."""
        for key in list(self._listed(f"{folder}/" if folder else "")):
            self.remove(key)

    @property
    def _client(self) -> Any:
        """One for each thread, as boto3 wants it."""
        return self._storage.connection.meta.client

    def _head(self, key: str) -> dict[str, Any]:
        with _answers(key):
            return cast(
                "dict[str, Any]",
                self._client.head_object(Bucket=self._bucket, Key=self._prefix + key, ChecksumMode="ENABLED"),
            )

    def _told_digest(self, head: dict[str, Any]) -> str | None:
        """SHA-256 of the whole file as the server tells it; None where it has none, or one of parts: then its
        ETag ends in their number.
        """
        told = head.get("ChecksumSHA256", "")
        return base64.b64decode(told).hex() if told and "-" not in told + head["ETag"] else None

    def _read_digest(self, key: str) -> str:
        with self.stream(key) as file:
            return sha256_of_stream(file)

    def _file(self, key: str, lying: Lying, body: Any = None) -> BinaryIO:
        def fetch(first: int, last: int) -> Any:
            try:
                with _answers(key):
                    got = self._client.get_object(
                        Bucket=self._bucket,
                        Key=self._prefix + key,
                        Range=f"bytes={first}-{last}",
                        IfMatch=f'"{lying.version}"',
                    )
            except FileExistsError as error:
                raise StoreUnavailableError(f"{key} was replaced while it was read") from error
            return _Body(got["Body"], key)

        file = BucketFile(fetch, lying.byte_size, None if body is None else _Body(body, key))
        return cast("BinaryIO", io.BufferedReader(file, _BLOCK // 4))

    def _send(self, path: Path, key: str, sha256: str) -> None:
        if path.stat().st_size > _MOST_AT_ONCE:
            parts = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART)
            extra = {"ChecksumAlgorithm": "SHA256"}
            with _answers(key):
                self._client.upload_file(
                    str(path), self._bucket, self._prefix + key, ExtraArgs=extra, Config=parts
                )
            return
        with path.open("rb") as file, _answers(key):
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=file,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
            )

    def _listed(self, prefix: str, *, after: str = "") -> Iterator[str]:
        asked: dict[str, Any] = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        if after:
            asked["StartAfter"] = self._prefix + after
        while True:
            with _answers(prefix):
                page = self._client.list_objects_v2(**asked)
            for each in page.get("Contents", []):
                yield each["Key"].removeprefix(self._prefix)
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]


class _Body:
    """What comes in over the net, whose trouble is told in our words."""

    def __init__(self, body: Any, key: str) -> None:
        self._body = body
        self._key = key

    def read(self, size: int) -> bytes:
        with _answers(self._key):
            content: bytes = self._body.read(size)
        return content

    def close(self) -> None:
        self._body.close()


@contextmanager
def _answers(key: str) -> Iterator[None]:
    """What boto3 raises, in words that a store has for it."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _GONE:
            raise FileNotFoundError(key) from error
        if code in _THERE_ALREADY:
            raise FileExistsError(key) from error
        if code in _SPOILED:
            raise FixityError(f"{key} was spoiled on its way to the bucket") from error
        raise StoreUnavailableError(f"{key}: {error}") from error
    except (BotoCoreError, Boto3Error, ConnectionError, TimeoutError) as error:
        raise StoreUnavailableError(f"{key}: {error}") from error


def _before_shelf(area: str, shelf: int) -> str:
    """What comes before every key on that shelf, and after every key on those before it."""
    digits = f"{shelf:04x}"
    return f"{area}/{digits[:2]}/{digits[2:]}"
