"""A sender that speaks tus by hand, header by header, through Django's test client."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from archive.models import Collection, Upload

VERSION = {"Tus-Resumable": "1.0.0"}
PART = "application/offset+octet-stream"


def metadata(**words: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())


def checksum(content: bytes, algorithm: str = "sha1") -> str:
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


def begin(
    client: Client,
    collection: Collection,
    length: int | str,
    *,
    headers: dict[str, str] | None = None,
    **words: str,
) -> Any:
    """Ask for a new upload."""
    sent = VERSION | {"Upload-Length": str(length), "Upload-Metadata": metadata(**words)} | (headers or {})
    return client.post(reverse("api:collection-uploads", args=[collection.pk]), headers=sent)


def begun(client: Client, collection: Collection, length: int, **words: str) -> Upload:
    """A new upload, of which nothing has been sent."""
    response = begin(client, collection, length, **({"filename": "photo.png"} | words))
    assert response.status_code == 201, response.content
    return Upload.objects.get(pk=response.json()["id"])


def send(
    client: Client,
    upload: Upload,
    content: bytes,
    offset: int | str = 0,
    *,
    headers: dict[str, str] | None = None,
) -> Any:
    """Send a part."""
    sent = VERSION | {"Upload-Offset": str(offset)} | (headers or {})
    return client.generic("PATCH", address(upload), content, content_type=PART, headers=sent)


def ask(client: Client, upload: Upload) -> HttpResponse:
    """Ask how far it is."""
    return client.head(address(upload), headers=VERSION)


def state(client: Client, upload: Upload) -> dict[str, Any]:
    """Ask what became of it."""
    response = client.get(address(upload))
    assert response.status_code == 200, response.content
    return response.json()


def address(upload: Upload) -> str:
    return reverse("api:upload-detail", args=[upload.pk])
