"""Events in the words of PREMIS."""

from xml.etree import ElementTree

import pytest

from archive.events.premis import NAMESPACE, premis_events, premis_xml
from archive.events.records import event_records
from archive.events.types import event_sentence, premis_type
from archive.models import Event
from archive.services import AccessEvent, EventKind, NewEvent, record_event, record_events
from restoration.keeping.events import EVENT_TYPES
from restoration.keeping.events import EventKind as RestorationEvent
from restoration.models import Restoration
from tests.factories import make_restoration, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", [*EventKind, *AccessEvent, *RestorationEvent])
def test_every_kind_has_a_sentence_and_a_type(kind: str) -> None:
    assert event_sentence(kind) != kind
    assert premis_type(kind) != kind.replace("-", " ")


def test_life_of_a_photo() -> None:
    restoration = make_restoration()
    failed = make_restoration(photo=restoration.photo, status=Restoration.Status.FAILED)
    assert set(EVENT_TYPES) == set(RestorationEvent)
    events = list(premis_events(event_records(restoration.photo.events.all())))
    assert [
        (event["eventType"], event["eventOutcomeInformation"][0]["eventOutcome"]) for event in events
    ] == [
        ("ingestion", "success"),
        ("message digest calculation", "success"),
        ("derivation requested", "success"),
        ("derivation", "success"),
        ("derivation requested", "success"),
        ("derivation", "fail"),
    ]
    sha256 = restoration.original_sha256
    assert sha256 in events[1]["eventDetailInformation"][0]["eventDetail"]
    assert {"linkingObjectIdentifierType": "SHA-256", "linkingObjectIdentifierValue": sha256} in events[0][
        "linkingObjectIdentifier"
    ]
    agents = {
        link["linkingAgentIdentifierType"]: link["linkingAgentIdentifierValue"]
        for link in events[0]["linkingAgentIdentifier"]
    }
    assert agents == {"person": failed.photo.uploaded_by.get_username(), "software": "Pulih 0.1.0"}


def test_xml_is_well_formed_whatever_people_write() -> None:
    record_event(
        collection=None, kind="noted", actor=make_user("sri"), details={"text": "<&>\"'\x01\ufffe é 相片"}
    )
    root = ElementTree.fromstring(b"".join(premis_xml(event_records(Event.objects.all()))))
    assert root.tag == f"{{{NAMESPACE}}}premis"
    assert [child.tag.partition("}")[2] for child in root] == ["event", "agent", "agent"]
    names = {"p": NAMESPACE}
    detail = root.findtext("p:event/p:eventDetailInformation/p:eventDetail", namespaces=names)
    assert detail is not None
    assert "<&>" in detail
    assert "é 相片" in detail
    types = {agent.findtext("p:agentType", namespaces=names) for agent in root.findall("p:agent", names)}
    assert types == {"person", "software"}


def test_event_of_another_archive_names_who_acted_there() -> None:
    there = {"id": "1", "agent": "ayu", "software": "Pulih 0.0.9"}
    record_events(events=[NewEvent(kind=EventKind.PHOTO_DESCRIBED, origin=there)])
    [event] = premis_events(event_records(Event.objects.all()))
    values = [link["linkingAgentIdentifierValue"] for link in event["linkingAgentIdentifier"]]
    assert values == ["ayu", "Pulih 0.0.9"]
