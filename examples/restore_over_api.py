#!/usr/bin/env python3
"""Restore photographs over Pulih's REST interface, with nothing but Python's standard library.

Signs in, makes a collection, uploads the photos, waits for the worker, saves every restored picture, and with
--approve says that it has been looked at. --hand restores with a mask of one's own (a grey PNG: 255 repair
this, 128 protect this), --strength blends the repair in by less than 100 per cent. The password is read from
PULIH_PASSWORD, or asked for.

    python examples/restore_over_api.py http://127.0.0.1:8000 --user demo --collection "Album 3" torn.jpg
    python examples/restore_over_api.py http://127.0.0.1:8000 --user demo --collection "Album 3" \
        --out restored --approve scans/*.jpg
    python examples/restore_over_api.py http://127.0.0.1:8000 --user demo --collection "Album 3" \
        --hand torn-mask.png --strength 70 torn.jpg
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

SUFFIXES = {"image/png": ".png", "image/tiff": ".tif", "image/jpeg": ".jpg"}
"""A result is of the kind that its original is, or PNG."""


class ApiError(Exception):
    """The server refused; its code and sentence."""


class Pulih:
    """A signed-in connection."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address.rstrip("/")
        self.token = ""
        self.token = self.post("/api/v1/token/", {"username": user, "password": password})["token"]

    def get(self, path: str) -> Any:
        """GET JSON."""
        return json.loads(self._send("GET", path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST JSON, get JSON."""
        return json.loads(
            self._send("POST", path, json.dumps(body).encode(), "application/json; charset=utf-8")
        )

    def upload(self, path: str, field: str, file: Path) -> Any:
        """POST one file as the field of a form, get JSON."""
        boundary = uuid.uuid4().hex
        name = file.name.replace("\\", "_").replace('"', "_")
        head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        return json.loads(self._send("POST", path, body, f"multipart/form-data; boundary={boundary}"))

    def download(self, url: str) -> bytes:
        """GET a file."""
        return self._send("GET", url)

    def _send(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> bytes:
        url = path if path.startswith("http") else self.address + path
        request = urllib.request.Request(url, data=body, method=method)
        if media_type:
            request.add_header("Content-Type", media_type)
        if self.token:
            request.add_header("Authorization", f"Token {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(_explain(error)) from error


def _explain(error: urllib.error.HTTPError) -> str:
    """Every error of the interface is {"code", "message", "fields"}; a proxy's may be anything."""
    try:
        told = json.loads(error.read())
        return f"{told['message']} ({told['code']}) {told['fields'] or ''}".strip()
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code}"


def wait_for(pulih: Pulih, restoration: dict[str, Any], *, patience: float) -> dict[str, Any]:
    """Poll until the restoration is done, at first quickly, then every five seconds. ApiError if it fails."""
    deadline = time.monotonic() + patience
    pause = 0.5
    while restoration["status"] in {"queued", "running"}:
        if time.monotonic() > deadline:
            raise ApiError(f"still {restoration['status']} after {patience:.0f} s; is a worker running?")
        time.sleep(pause)
        pause = min(5.0, pause * 1.5)
        restoration = pulih.get(restoration["url"])
    if restoration["status"] == "failed":
        raise ApiError(f"{restoration['error']['message']} ({restoration['error']['code']})")
    return restoration


def restore(pulih: Pulih, collection: dict[str, Any], file: Path, options: argparse.Namespace) -> Path:
    """Upload one file and save its restoration; the path of the result."""
    photo = pulih.upload(f"/api/v1/collections/{collection['id']}/photos/", "file", file)
    address = f"/api/v1/photos/{photo['id']}/restorations/"
    # A collection may restore by itself what comes in; a hand asks for another version after that one.
    restoration = photo["latest_restoration"]
    if restoration is None and not options.hand:
        restoration = pulih.post(address, {})
    if restoration is not None:
        restoration = wait_for(pulih, restoration, patience=options.patience)
    if options.hand:
        restoration = pulih.upload(address, "hand", options.hand)
        restoration = wait_for(pulih, restoration, patience=options.patience)
    if options.strength < 100:
        # Blends what the network made; it does not run again.
        restoration = pulih.post(f"{restoration['url']}strength/", {"strength": options.strength})
        restoration = wait_for(pulih, restoration, patience=options.patience)
    for warning in restoration["warnings"]:
        print(f"{file}: {warning['message']}", file=sys.stderr)
    return save(pulih, restoration, file, options)


def save(pulih: Pulih, restoration: dict[str, Any], file: Path, options: argparse.Namespace) -> Path:
    """Download a finished restoration, compare its checksum, approve it if asked to; the path of the file."""
    content = pulih.download(restoration["result"]["url"])
    if hashlib.sha256(content).hexdigest() != restoration["result"]["sha256"]:
        raise ApiError("the result was damaged on its way")
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / f"{file.stem}-restored{SUFFIXES[restoration['result']['media_type']]}"
    target.write_bytes(content)
    if options.approve:
        pulih.post(f"{restoration['url']}reviews/", {"decision": "approved"})
    return target


def find_or_create(pulih: Pulih, title: str) -> dict[str, Any]:
    """The collection of this title that one curates, or a new one."""
    page = pulih.get("/api/v1/collections/")
    while True:
        for collection in page["results"]:
            if (collection["title"], collection["role"]) == (title, "curator"):
                return collection
        if page["next"] is None:
            return pulih.post("/api/v1/collections/", {"title": title})
        page = pulih.get(page["next"])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="for instance http://127.0.0.1:8000")
    parser.add_argument("files", nargs="+", type=Path, help="photographs")
    parser.add_argument("--user", required=True)
    parser.add_argument("--collection", required=True, metavar="TITLE", help="made, if there is none")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder for the results (default: here)")
    parser.add_argument("--hand", type=Path, metavar="PNG", help="where to repair and where not to")
    parser.add_argument("--strength", type=int, default=100, metavar="PERCENT", help="default: 100")
    parser.add_argument("--approve", action="store_true", help="approve every result")
    parser.add_argument("--patience", type=float, default=600, help="seconds for each photo (default: 600)")
    options = parser.parse_args()
    password = os.environ.get("PULIH_PASSWORD") or getpass.getpass()
    try:
        pulih = Pulih(options.address, options.user, password)
        collection = find_or_create(pulih, options.collection)
    except (ApiError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    failures = 0
    for file in options.files:
        try:
            print(f"{file} -> {restore(pulih, collection, file, options)}")
        except (ApiError, OSError) as error:
            failures += 1
            print(f"{file}: {error}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
