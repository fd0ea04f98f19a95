"""How events hold together: the digest of one event, and the hash by which the next one depends on it.

The digest is the SHA-256 of the event's content as canonical JSON (UTF-8, keys sorted, no spaces). A link's
hash is the SHA-256 of "previous hash:sequence:digest"; the first link follows sixty-four zeros. So whoever
changes, removes or puts in an event has to change every link after it, and the newest one, noted elsewhere,
gives him away.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

GENESIS = "0" * 64
"""What the first link follows."""

CONTENT = (
    "id",
    "at",
    "kind",
    "outcome",
    "collection",
    "photo",
    "actor",
    "agent",
    "software",
    "details",
    "origin",
)
"""The parts of an event that its digest covers, by their names in a record."""


def plain_json(value: Any) -> Any:
    """The value as it comes back from a database: identifiers and times as text, keys as text, and whole
    floats as integers (PostgreSQL writes 1e16 as an integer).
    """
    return _whole_as_integer(json.loads(json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)))


def _whole_as_integer(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _whole_as_integer(part) for key, part in value.items()}
    return [_whole_as_integer(part) for part in value] if isinstance(value, list) else value


def written_time(moment: datetime) -> str:
    """A moment in UTC with microseconds, always written alike."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest_of(content: dict[str, Any]) -> str:
    """The SHA-256 (hex) of a record's CONTENT; whatever else the record holds is left aside."""
    covered = plain_json({name: content[name] for name in CONTENT})
    canonical = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def link_hash(*, previous_hash: str, sequence: int, digest: str) -> str:
    """The hash (hex) of the link with this place in the chain. The database's trigger computes the same."""
    return hashlib.sha256(f"{previous_hash}:{sequence}:{digest}".encode()).hexdigest()


def verify_record(record: dict[str, Any]) -> bool:
    """Whether a record (`archive.events.records.event_record`) is what its own digest and hash say."""
    try:
        digest = digest_of(record)
        link = link_hash(
            previous_hash=record["previous_hash"], sequence=record["sequence"], digest=record["digest"]
        )
    except (KeyError, TypeError, ValueError):
        return False
    return digest == record["digest"] and link == record["hash"]
