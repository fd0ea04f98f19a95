"""OAI-PMH 2.0, asked by sickle, a harvester of another house; and the protocol's own small print."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
import sickle.app
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from sickle import Sickle
from sickle.oaiexceptions import BadResumptionToken, IdDoesNotExist, NoRecordsMatch

from archive.models import Collection, Photo
from archive.oai import verbs
from archive.services import (
    delete_photo,
    describe_photo,
    publish_collection,
    take_back_photo,
)
from tests.archive.photo_rows import make_row
from tests.factories import make_collection, make_photo

pytestmark = pytest.mark.django_db

SPACES = {"oai": "http://www.openarchives.org/OAI/2.0/", "dc": "http://purl.org/dc/elements/1.1/"}


@pytest.fixture
def harvester(monkeypatch: pytest.MonkeyPatch) -> Sickle:
    """Sickle, whose requests are answered by Django's test client."""

    class InProcess:
        @staticmethod
        def get(address: str, params: dict[str, str], **_options: Any) -> requests.Response:
            return _as_requests_has_it(Client().get(address, params))

        @staticmethod
        def post(address: str, data: dict[str, str], **_options: Any) -> requests.Response:
            return _as_requests_has_it(Client(enforce_csrf_checks=True).post(address, data))

    monkeypatch.setattr(sickle.app, "requests", InProcess)
    return Sickle(reverse("oai"))


def _as_requests_has_it(answered: Any) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = answered.status_code, answered.content
    response.headers.update(answered.headers)
    response.encoding = "utf-8"
    return response


def publish(collection: Collection, *, is_public: bool = True) -> Collection:
    return publish_collection(collection=collection, actor=collection.owner, is_public=is_public)


def public_collection(**fields: Any) -> Collection:
    return publish(make_collection(**fields))


def raw(**parameters: str) -> ET.Element:
    response = Client().get(reverse("oai"), parameters)
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return ET.fromstring(response.content)


def error_of(document: ET.Element) -> str:
    found = document.find("oai:error", SPACES)
    assert found is not None, ET.tostring(document)
    return found.attrib["code"]


def test_a_harvester_gets_every_public_photo_and_no_other(harvester: Sickle) -> None:
    shown = public_collection(title="Porches")
    below = make_collection(owner=shown.owner, parent=shown, title="Verandas")
    photos = [make_row(shown, "a.png"), make_row(below, "b.png", title="Veranda")]
    hidden = make_row(make_collection(), "hidden.png")
    binned = make_row(shown, "binned.png")
    delete_photo(photo=binned, actor=shown.owner)
    found = {record.header.identifier: record for record in harvester.ListRecords(metadataPrefix="oai_dc")}
    assert set(found) == {f"urn:uuid:{photo.pk}" for photo in photos}
    assert found[f"urn:uuid:{photos[1].pk}"].metadata["title"] == ["Veranda"]
    for unseen in (hidden, binned):
        with pytest.raises(IdDoesNotExist):
            harvester.GetRecord(identifier=f"urn:uuid:{unseen.pk}", metadataPrefix="oai_dc")


def test_a_record_says_in_dublin_core_what_people_wrote(harvester: Sickle, settings: Settings) -> None:
    settings.PULIH_ADDRESS = "https://archive.example.org"
    photo = make_photo(collection=public_collection(), filename="sri.png")
    describe_photo(
        photo=photo,
        actor=photo.collection.owner,
        tags=["garden", "Sri"],
        title="Sri & <her> garden",
        description="By the gate.",
        creator="Kusuma",
        contributor="Dewi",
        publisher="Studio",
        date_edtf="1950~",
        place="Malang",
        rights="CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        language="id",
        source="Album 3",
        relation="Album 4",
        call_number="A/12",
        notes="For those who work here.",
    )
    record = harvester.GetRecord(identifier=f"urn:uuid:{photo.pk}", metadataPrefix="oai_dc")
    assert record.metadata == {
        "title": ["Sri & <her> garden"],
        "subject": ["Sri", "garden"],
        "creator": ["Kusuma"],
        "description": ["By the gate."],
        "publisher": ["Studio"],
        "contributor": ["Dewi"],
        "date": ["1950~"],
        "source": ["Album 3"],
        "language": ["id"],
        "relation": ["Album 4", f"https://archive.example.org/iiif/photos/{photo.pk}/manifest"],
        "coverage": ["Malang"],
        "rights": ["CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"],
        "type": ["StillImage"],
        "format": ["image/png"],
        "identifier": [f"https://archive.example.org/public/photos/{photo.pk}/", "A/12"],
    }
    assert (
        b"work here"
        not in Client().get(reverse("oai"), {"verb": "ListRecords", "metadataPrefix": "oai_dc"}).content
    )


def test_sets_are_the_tree_as_far_as_it_is_public(harvester: Sickle) -> None:
    hidden = make_collection(title="Hidden")
    shown = publish(make_collection(owner=hidden.owner, parent=hidden, title="Shown", creator="Kusuma"))
    below = make_collection(owner=hidden.owner, parent=shown, title="Below")
    photo, deeper = make_row(shown, "a.png"), make_row(below, "b.png")
    sets = {each.setName: each.setSpec for each in harvester.ListSets()}
    assert sets == {"Shown": str(shown.pk), "Below": f"{shown.pk}:{below.pk}"}

    def names(spec: str) -> set[str]:
        listed = harvester.ListIdentifiers(metadataPrefix="oai_dc", set=spec)
        return {header.identifier.removeprefix("urn:uuid:") for header in listed}

    assert names(sets["Shown"]) == {str(photo.pk), str(deeper.pk)}
    assert names(sets["Below"]) == {str(deeper.pk)}
    for unknown in (str(below.pk), str(hidden.pk), "x"):
        with pytest.raises(NoRecordsMatch):
            harvester.ListIdentifiers(metadataPrefix="oai_dc", set=unknown)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_long_lists_come_in_parts(harvester: Sickle, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "PAGE_SIZE", 3)
    harvester.http_method = method
    collection = public_collection()
    photos = {str(make_row(collection, f"{number}.png").pk) for number in range(7)}
    for number in range(4):
        publish(make_collection(owner=collection.owner, title=str(number)))
    headers = list(harvester.ListIdentifiers(metadataPrefix="oai_dc"))
    assert len(headers) == 7
    assert {header.identifier.removeprefix("urn:uuid:") for header in headers} == photos
    assert len(list(harvester.ListRecords(metadataPrefix="oai_dc"))) == 7
    assert len({each.setSpec for each in harvester.ListSets()}) == 5


def test_what_is_deleted_between_two_parts_disturbs_neither(
    harvester: Sickle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By key, not by number: no photo is skipped or comes twice."""
    monkeypatch.setattr(verbs, "PAGE_SIZE", 2)
    collection = public_collection()
    photos = sorted((make_row(collection, f"{number}.png") for number in range(5)), key=lambda each: each.pk)
    listed = harvester.ListIdentifiers(metadataPrefix="oai_dc")
    got = [next(listed).identifier, next(listed).identifier]
    delete_photo(photo=photos[0], actor=collection.owner)
    got += [header.identifier for header in listed]
    assert got == [f"urn:uuid:{photo.pk}" for photo in photos]


def test_tokens_tell_where_one_is_and_the_last_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "PAGE_SIZE", 2)
    collection = public_collection()
    for number in range(3):
        make_row(collection, f"{number}.png")
    first = raw(verb="ListIdentifiers", metadataPrefix="oai_dc").find(".//oai:resumptionToken", SPACES)
    assert first is not None
    assert (first.attrib["cursor"], first.attrib["completeListSize"]) == ("0", "3")
    assert first.attrib["expirationDate"].endswith("Z")
    token = first.text or ""
    last = raw(verb="ListIdentifiers", resumptionToken=token).find(".//oai:resumptionToken", SPACES)
    assert last is not None
    assert (last.text, last.attrib) == (None, {"cursor": "2", "completeListSize": "3"})
    for verb, wrong in (("ListRecords", token), ("ListIdentifiers", token + "x"), ("ListSets", token)):
        assert error_of(raw(verb=verb, resumptionToken=wrong)) == "badResumptionToken"
    both = raw(verb="ListIdentifiers", resumptionToken=token, metadataPrefix="oai_dc")
    assert error_of(both) == "badArgument"


def test_a_token_ends_after_a_day(harvester: Sickle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "PAGE_SIZE", 1)
    collection = public_collection()
    make_row(collection, "a.png"), make_row(collection, "b.png")
    listed = harvester.ListIdentifiers(metadataPrefix="oai_dc")
    next(listed)
    later = datetime.now(UTC).timestamp() + 25 * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    with pytest.raises(BadResumptionToken):
        next(listed)


def test_from_and_until_take_both_ends_in_seconds_or_days(harvester: Sickle) -> None:
    collection = public_collection()
    photo = make_row(collection, "a.png")
    moment = (timezone.now() + timedelta(days=3)).replace(microsecond=700_000)
    Photo.objects.filter(pk=photo.pk).update(updated_at=moment)
    second = moment.replace(microsecond=0)

    def finds(**span: str) -> bool:
        try:
            return len(list(harvester.ListIdentifiers(metadataPrefix="oai_dc", **span))) == 1
        except NoRecordsMatch:
            return False

    def text(at: datetime) -> str:
        return f"{at:%Y-%m-%dT%H:%M:%SZ}"

    assert finds(**{"from": text(second), "until": text(second)})
    assert finds(**{"from": f"{moment:%Y-%m-%d}", "until": f"{moment:%Y-%m-%d}"})
    assert not finds(**{"from": text(second + timedelta(seconds=1))})
    assert not finds(until=text(second - timedelta(seconds=1)))
    record = harvester.GetRecord(identifier=f"urn:uuid:{photo.pk}", metadataPrefix="oai_dc")
    assert record.header.datestamp == text(second)


def test_who_comes_back_finds_what_was_published_moved_or_taken_back_since(harvester: Sickle) -> None:
    """None of it touches a photo, and yet it is new to whoever harvests."""
    fonds = make_collection()
    series = make_collection(owner=fonds.owner, parent=fonds)
    photo = make_row(series, "a.png")
    Photo.objects.update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    before = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"

    def found() -> list[str]:
        listed = harvester.ListIdentifiers(metadataPrefix="oai_dc", **{"from": before})
        return [header.identifier for header in listed]

    publish(fonds)
    assert found() == [f"urn:uuid:{photo.pk}"]
    with pytest.raises(NoRecordsMatch):
        harvester.ListIdentifiers(metadataPrefix="oai_dc", until="2020-12-31")
    delete_photo(photo=photo, actor=fonds.owner)
    with pytest.raises(NoRecordsMatch):
        found()
    take_back_photo(photo=photo, actor=fonds.owner)
    photo.refresh_from_db()
    assert photo.updated_at.year > 2020
    assert found() == [f"urn:uuid:{photo.pk}"]


def test_identify_says_plainly_what_is_kept(harvester: Sickle, settings: Settings) -> None:
    settings.PULIH_ORGANISATION = "Arsip Kota"
    known = harvester.Identify()
    assert (known.repositoryName, known.protocolVersion) == ("Arsip Kota", "2.0")
    assert known.baseURL == "http://testserver/oai"
    assert (known.deletedRecord, known.granularity) == ("no", "YYYY-MM-DDThh:mm:ssZ")
    assert known.adminEmail == settings.DEFAULT_FROM_EMAIL
    assert known.earliestDatestamp == "1970-01-01T00:00:00Z"
    [format] = harvester.ListMetadataFormats()
    assert format.metadataPrefix == "oai_dc"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Harvest"}, "badVerb"),
        ({"verb": ["Identify", "Identify"]}, "badVerb"),
        ({"verb": "Identify", "set": "x"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": ["oai_dc", "oai_dc"]}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "yesterday"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2020-02-30"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "9999-12-31"}, "badArgument"),
        (
            {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2021-01-01", "until": "2020-01-01"},
            "badArgument",
        ),
        (
            {
                "verb": "ListRecords",
                "metadataPrefix": "oai_dc",
                "from": "2020-01-01",
                "until": "2020-01-02T00:00:00Z",
            },
            "badArgument",
        ),
        ({"verb": "ListRecords", "metadataPrefix": "marc21"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc"}, "noRecordsMatch"),
        ({"verb": "ListSets"}, "noRecordsMatch"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "x"}, "idDoesNotExist"),
        ({"verb": "ListMetadataFormats", "identifier": "urn:uuid:x"}, "idDoesNotExist"),
    ],
)
def test_errors_have_the_protocols_codes(parameters: dict[str, Any], code: str) -> None:
    document = ET.fromstring(Client().get(reverse("oai"), parameters).content)
    assert error_of(document) == code
    request = document.find("oai:request", SPACES)
    assert request is not None
    assert request.text == "http://testserver/oai"
    # Of these two, nothing is to be repeated.
    assert bool(request.attrib) is (code not in {"badVerb", "badArgument"})


def test_letters_that_xml_has_not_are_left_out(harvester: Sickle) -> None:
    photo = make_row(public_collection(), "a.png", description="Bell\x07 and \ufffe")
    record = harvester.GetRecord(identifier=f"urn:uuid:{photo.pk}", metadataPrefix="oai_dc")
    assert record.metadata["description"] == ["Bell and "]


def test_a_page_costs_the_same_however_long_it_is(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    fonds = public_collection()
    for number in range(6):
        make_row(make_collection(owner=fonds.owner, parent=fonds), f"{number}.png")
    with django_assert_num_queries(6):
        document = raw(verb="ListRecords", metadataPrefix="oai_dc")
    assert len(document.findall(".//oai:record", SPACES)) == 6
