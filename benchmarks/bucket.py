"""How many requests does a bucket answer for what people do? Counted at boto3, before moto's server.

    python -m benchmarks.bucket

Providers take money for requests, and each takes some milliseconds. Prints a table in Markdown.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

# ruff: noqa: E402  (what follows needs Django to be set up)
from botocore.client import BaseClient
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse

from archive.files.storage import Area, StoredFile
from archive.models import Photo
from archive.services import continue_fixity_run, purge_photo, start_fixity_run
from archive.zooming.orders import make_wanted_tiles
from tests import pictures
from tests.buckets import make_bucket, s3_server
from tests.factories import make_collection, make_photo

_PHOTOS = 24
_asked: Counter[str] = Counter()


def main() -> None:
    """Do it all once, and print what was asked."""
    setup_test_environment()
    call_command("migrate", verbosity=0)
    with s3_server() as address:
        settings.PULIH_BUCKET = make_bucket(address, "requests").settings
        _count()
        print("| what | requests |\n| --- | --- |")
        _acts()


def _acts() -> None:
    collection = make_collection()
    client = Client()
    client.force_login(collection.owner)
    large = pictures.jpeg(pictures.portrait(1000, 1800))
    photo: Photo = _told("taking in a photo", lambda: make_photo(collection=collection, content=large))
    for number in range(_PHOTOS):
        make_photo(collection=collection, content=pictures.png(pictures.gradient(60 + number, 40)))
    gallery = reverse("restoration:collection_detail", args=[collection.pk])
    _told(f"a gallery of {_PHOTOS + 1}, without its pictures", lambda: _got(client, gallery))
    small = reverse("archive:rendition", args=[photo.pk, "thumbnail"])
    shown = _told("one of its pictures", lambda: _got(client, small))
    again = {"If-None-Match": shown["ETag"]}
    _told("the same, unchanged", lambda: client.get(small, headers=again))
    original = reverse("archive:original", args=[photo.pk])
    _told("an original, whole", lambda: _got(client, original))
    _told("a part of it", lambda: client.get(original, headers={"Range": "bytes=9-99"}).getvalue())
    source = StoredFile(Area.ORIGINALS, photo.original.sha256)
    _told("making its tiles", lambda: make_wanted_tiles(source))
    tiles = [reverse("archive:zoom_tile", args=[photo.pk, 11, 0, row]) for row in range(2)]
    _told("the first tile", lambda: _got(client, tiles[0]))
    _told("each further one", lambda: _got(client, tiles[1]))
    run = start_fixity_run()
    _told(f"a fixity run over {_PHOTOS + 1}", lambda: continue_fixity_run(run=run, settling_seconds=0))
    _told("deleting a photo for good", lambda: purge_photo(photo=photo))


def _count() -> None:
    call = BaseClient._make_api_call

    def counted(self: Any, operation: str, arguments: dict[str, Any]) -> Any:
        _asked[operation] += 1
        return call(self, operation, arguments)

    BaseClient._make_api_call = counted


def _told(what: str, act: Callable[[], Any]) -> Any:
    _asked.clear()
    answer = act()
    named = ", ".join(f"{count} {operation}" for operation, count in sorted(_asked.items()))
    print(f"| {what} | {named or 'none'} |", flush=True)
    return answer


def _got(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    response.getvalue()
    return response


if __name__ == "__main__":
    main()
