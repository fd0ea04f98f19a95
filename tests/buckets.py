"""A bucket on a real S3 server, moto's, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from archive.files.bucket_settings import BucketSettings
from archive.files.storage import StoredFile

ACCESS_KEY, SECRET_KEY = "tests", "tests-only"
NOBODY_LISTENS = "http://127.0.0.1:9"


@contextmanager
def s3_server() -> Iterator[str]:
    """A server on a free port of this machine; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@dataclass(frozen=True)
class Bucket:
    """A bucket that is there, seen from outside Pulih."""

    settings: BucketSettings
    client: Any

    def held(self) -> set[str]:
        """Every object's key, without the prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.settings.name)
        found = {each["Key"] for page in pages for each in page.get("Contents", [])}
        assert all(key.startswith(f"{self.settings.prefix}/") for key in found)
        return {key.removeprefix(f"{self.settings.prefix}/") for key in found}

    def read(self, file: StoredFile) -> bytes:
        """What lies there."""
        content: bytes = self.client.get_object(**self._named(file))["Body"].read()
        return content

    def write(self, file: StoredFile, content: bytes) -> None:
        """Put something there, past Pulih."""
        self.client.put_object(**self._named(file), Body=content)

    def lose(self, file: StoredFile) -> None:
        """Remove it, past Pulih."""
        self.client.delete_object(**self._named(file))

    def _named(self, file: StoredFile) -> dict[str, str]:
        return {"Bucket": self.settings.name, "Key": f"{self.settings.prefix}/{file.key}"}


def make_bucket(address: str, name: str) -> Bucket:
    """A new bucket, with settings that lead to it."""
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    client.create_bucket(Bucket=name)
    settings = BucketSettings(
        name=name,
        endpoint=address,
        region="us-east-1",
        prefix="archive/pulih",
        addressing="path",
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
        timeout=20.0,
    )
    return Bucket(settings, client)
