"""What tus 1.0 says in headers. Text goes in, values come out; nothing here knows of requests or rows."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import NewType

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination,expiration"
PART_MEDIA_TYPE = "application/offset+octet-stream"
# hashlib's names, which are those of tus, too. Every server must know sha1; it guards against accidents only.
CHECKSUM_ALGORITHMS = ("sha256", "sha1", "md5")

CHECKSUM_MISMATCH = 460
"""tus' own status: the bytes are not those of the checksum."""

Metadata = NewType("Metadata", dict[str, str])


class ProtocolError(Exception):
    """A request that is not tus 1.0. `status` is the HTTP status that answers it."""

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a part should be: `algorithm` is one of CHECKSUM_ALGORITHMS."""

    algorithm: str
    digest: bytes


def read_metadata(header: str) -> Metadata:
    """Upload-Metadata: pairs of a key and a base64 value, between commas. Raises ProtocolError."""
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _space, value = pair.partition(" ")
        if not key or key in pairs:
            raise ProtocolError("Upload-Metadata has an empty key or the same key twice.")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode(errors="replace")
        except binascii.Error as error:
            raise ProtocolError("A value of Upload-Metadata is not base64.") from error
    return Metadata(pairs)


def read_checksum(header: str | None) -> Checksum | None:
    """Upload-Checksum: an algorithm and a base64 digest; None without the header. Raises ProtocolError."""
    if header is None:
        return None
    algorithm, _space, encoded = header.strip().partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise ProtocolError(f"Upload-Checksum must be one of {', '.join(CHECKSUM_ALGORITHMS)}.")
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except binascii.Error as error:
        raise ProtocolError("Upload-Checksum is not base64.") from error


def read_number(name: str, header: str | None) -> int:
    """A header that must be there and be a whole number from 0 up. Raises ProtocolError."""
    if header is None or not (header.isascii() and header.isdigit()) or len(header) > 18:
        raise ProtocolError(f"{name} must be a whole number.")
    return int(header)
