"""The bucket of stored files, where there is one: that it answers, and gives back what it was given."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from archive.files.storage import incoming_folder, store
from archive.files.stores import StoreUnavailableError
from archive.health.findings import Finding, broken, fine, warning

_SAMPLE_BYTES = 256 * 1024
_SLOW_SECONDS = 5.0
# What a crash has left is told from work that goes on by an hour: less than this does no harm.
_DRIFT_SECONDS = 60.0
_MEND_ANSWERING = (
    "See that this machine reaches the server, that its bucket is there, and that PULIH_BUCKET, "
    "PULIH_BUCKET_ENDPOINT, PULIH_BUCKET_REGION, PULIH_BUCKET_ACCESS_KEY and PULIH_BUCKET_SECRET_KEY are "
    "right; the keys must allow to list, get, put and delete."
)


def answering() -> Iterator[Finding]:
    """The bucket answers; nothing where files lie on a disk."""
    if settings.PULIH_BUCKET is None:
        return
    try:
        store().answer()
    except StoreUnavailableError as error:
        yield broken("bucket", f"it does not answer: {error}", _MEND_ANSWERING)
        return
    yield fine("bucket", f"{settings.PULIH_BUCKET.name} answers")


def round_trip() -> Iterator[Finding]:
    """What is put into the bucket comes back byte for byte, in good time, and its clock is ours."""
    if settings.PULIH_BUCKET is None:
        return
    content, key = os.urandom(_SAMPLE_BYTES), f"incoming/doctor-{secrets.token_hex(8)}"
    begun = time.monotonic()
    try:
        same, age = _given_back(content, key)
    except StoreUnavailableError as error:
        yield broken("bucket", f"it cannot be written to and read: {error}", _MEND_ANSWERING)
        return
    seconds = time.monotonic() - begun
    if not same:
        yield broken(
            "bucket",
            "it gives back other bytes than were put into it",
            "Stop taking files in, look into the server, and run manage.py check_fixity.",
        )
    elif abs(age) > _DRIFT_SECONDS:
        yield broken(
            "bucket",
            f"its clock differs by {-age:+.0f} s",
            "Set the clock by NTP (timedatectl set-ntp true) on this machine and on the server.",
        )
    elif seconds > _SLOW_SECONDS:
        yield warning(
            "bucket",
            f"putting and getting {filesizeformat(_SAMPLE_BYTES)} took {seconds:.1f} s",
            "Use a server that is nearer, or look for what keeps it busy.",
        )
    else:
        yield fine("bucket", f"put, read back and removed in {seconds * 1000:.0f} ms")


def _given_back(content: bytes, key: str) -> tuple[bool, float]:
    """Whether the bucket gives back the same, and for how many seconds it says to have had it."""
    with tempfile.TemporaryDirectory(dir=incoming_folder(), prefix="doctor-") as folder:
        path = Path(folder) / "sample"
        path.write_bytes(content)
        try:
            store().put(path, key)
            with store().stream(key) as file:
                same = file.read() == content
            return same, store().age(key) or 0.0
        finally:
            store().remove(key)
