"""Events in the words of PREMIS 3: as JSON, and as XML (http://www.loc.gov/premis/v3).

Both are made of the records of `archive.events.records`, streamed; what was recorded elsewhere and came with
a bag is exported as what happened here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from archive.events.types import INGESTION, premis_type

NAMESPACE = "http://www.loc.gov/premis/v3"
_EVENT_TYPES = "http://id.loc.gov/vocabulary/preservation/eventType"
_OUTCOMES = "http://id.loc.gov/vocabulary/preservation/eventOutcome"
_DIGEST = "message digest calculation"

_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<premis xmlns="{NAMESPACE}" version="3.0">\n'


def premis_events(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The events by the names of the data dictionary, each JSON.

    The ingestion of a file comes as two: the ingestion itself, and the calculation of the message digest that
    was a part of it.
    """
    for record in records:
        event = _premis_event(record)
        yield event
        if event["eventType"] == INGESTION and record["details"].get("sha256"):
            yield event | {
                "eventIdentifier": _identifier("local", f"{record['id']}#digest"),
                "eventType": _DIGEST,
                "eventDetailInformation": [{"eventDetail": f"SHA-256: {record['details']['sha256']}"}],
            }


def premis_xml(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The same as a document in XML: events first, then the agents that they name."""
    agents: dict[tuple[str, str], dict[str, Any]] = {}
    yield _HEAD.encode()
    for event in premis_events(records):
        for link in event["linkingAgentIdentifier"]:
            key = link["linkingAgentIdentifierType"], link["linkingAgentIdentifierValue"]
            agents.setdefault(key, _agent(*key))
        yield _element("event", event).encode()
    for agent in agents.values():
        yield _element("agent", agent).encode()
    yield b"</premis>\n"


def _premis_event(record: dict[str, Any]) -> dict[str, Any]:
    # Of an event that came with a bag, the record of the archive where it happened tells who acted.
    acted = record["origin"] or record
    agents = [
        ("person", acted.get("agent"), "implementer"),
        ("software", acted.get("software"), "executing program"),
    ]
    objects = [(kind, record[kind]) for kind in ("photo", "collection") if record[kind]]
    sha256 = record["details"].get("sha256")
    if sha256:
        objects.append(("SHA-256", sha256))
    detail = json.dumps(record["details"], sort_keys=True, ensure_ascii=False)
    return {
        "eventIdentifier": _identifier("UUID", record["id"]),
        "eventType": premis_type(record["kind"]),
        "eventDateTime": record["at"],
        "eventDetailInformation": [{"eventDetail": f"{record['kind']} {detail}"}],
        "eventOutcomeInformation": [{"eventOutcome": record["outcome"]}],
        "linkingAgentIdentifier": [
            {
                "linkingAgentIdentifierType": kind,
                "linkingAgentIdentifierValue": name,
                "linkingAgentRole": role,
            }
            for kind, name, role in agents
            if name
        ],
        "linkingObjectIdentifier": [
            {"linkingObjectIdentifierType": kind, "linkingObjectIdentifierValue": value}
            for kind, value in objects
        ],
    }


def _identifier(kind: str, value: str) -> dict[str, str]:
    return {"eventIdentifierType": kind, "eventIdentifierValue": value}


def _agent(kind: str, name: str) -> dict[str, Any]:
    return {
        "agentIdentifier": {"agentIdentifierType": kind, "agentIdentifierValue": name},
        "agentName": name,
        "agentType": kind,
    }


def _element(name: str, value: Any) -> str:
    """The element and those inside of it; a list is as many elements of the same name."""
    if isinstance(value, list):
        return "".join(_element(name, part) for part in value)
    if isinstance(value, dict):
        inside = "".join(_element(part, content) for part, content in value.items())
        return f"<{name}>{inside}</{name}>\n"
    authority = {"eventType": _EVENT_TYPES, "eventOutcome": _OUTCOMES}.get(name)
    attributes = f" authorityURI={quoteattr(authority)}" if authority else ""
    return f"<{name}{attributes}>{escape(_allowed(str(value)))}</{name}>"


def _allowed(text: str) -> str:
    """The text without what XML 1.0 has no way to write."""
    return "".join(
        letter if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff") else "\ufffd"
        for letter in text.encode("utf-8", "replace").decode()
    )
