"""Versions over REST: ask in one's own way, blend again, fetch layers and hand, work through a collection."""

import io

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from archive.access.roles import Role
from restoration.models import Restoration
from restoration.running.stored_files import Kept
from tests import pictures
from tests.factories import make_collection, make_model_version, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of
from tests.stored import kept_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def hand(width: int = 128, height: int = 160) -> bytes:
    values = np.zeros((height, width), np.uint8)
    values[:20], values[-20:] = 255, 128
    return pictures.png(Image.fromarray(values))


def ask(photo, body, **options):
    client = client_of(photo.uploaded_by)
    return client.post(reverse("api:photo-restorations", args=[photo.pk]), body, **options)


def blend(restoration, strength, user=None):
    client = client_of(user or restoration.photo.uploaded_by)
    return client.post(
        reverse("api:restoration-strength", args=[restoration.pk]), {"strength": strength}, format="json"
    )


def test_ask_with_model_strength_quick_thorough_and_hand_as_a_form():
    model = make_model_version()
    answer = ask(
        make_photo(),
        {
            "model": str(model.pk),
            "strength": 60,
            "quick": "true",
            "thorough": "true",
            "hand": SimpleUploadedFile("hand.png", hand()),
        },
        format="multipart",
    )
    assert answer.status_code == 202
    told = answer.json()
    assert (told["wanted_model"], told["strength"]) == (str(model.pk), 60)
    assert (told["quick"], told["thorough"]) == (True, True)
    assert answer["Location"] == told["url"]
    row = Restoration.objects.get()
    assert (row.wanted_model, row.strength, row.quick, row.thorough) == (model, 60, True, True)
    download = client_of(row.photo.uploaded_by).get(told["hand"]["url"])
    content = b"".join(download.streaming_content)
    assert content == kept_path(row, Kept.HAND).read_bytes()
    assert (np.asarray(Image.open(io.BytesIO(content))) == np.asarray(Image.open(io.BytesIO(hand())))).all()
    assert download["Content-Disposition"] == 'attachment; filename="photo-hand.png"'


def test_ask_as_json_or_with_nothing_at_all():
    answer = ask(make_photo(), {"strength": 0}, format="json")
    assert (answer.status_code, answer.json()["strength"]) == (202, 0)
    plain = ask(make_photo(), None).json()
    assert (plain["strength"], plain["quick"], plain["thorough"]) == (100, False, False)
    assert (plain["wanted_model"], plain["hand"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"strength": 101}, "strength"),
        ({"strength": "half"}, "strength"),
        ({"model": "00000000-0000-0000-0000-000000000000"}, "model"),
        ({"quick": "perhaps"}, "quick"),
        ({"thorough": 8}, "thorough"),
        ({"hand": "no file"}, "hand"),
    ],
)
def test_a_wrong_field_is_named(body, field):
    answer = ask(make_photo(), body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert Restoration.objects.count() == 0


def test_the_same_key_is_the_same_wish_only():
    photo = make_photo()
    key = {"headers": {"Idempotency-Key": "once"}}
    first = ask(photo, {"thorough": True}, format="json", **key)
    assert ask(photo, {"thorough": True}, format="json", **key).json()["id"] == first.json()["id"]
    other = ask(photo, {"thorough": False}, format="json", **key)
    assert (other.status_code, other.json()["code"]) == (422, "archive:idempotency:other-request")


def test_a_hand_that_does_not_fit_has_a_code():
    answer = ask(make_photo(), {"hand": SimpleUploadedFile("hand.png", hand(160, 128))}, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["code"] == "restoration:hand:proportions"


def test_another_strength_is_a_new_version():
    base = make_restoration(hand=hand())
    answer = blend(base, 40)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["strength"], told["based_on"]) == (QUEUED, 40, str(base.pk))
    assert answer["Location"] == told["url"]
    assert told["id"] != str(base.pk)
    assert blend(base, 50).json()["code"] == "restoration:request:already-active"


@pytest.mark.parametrize(
    ("status", "strength", "code"),
    [(FAILED, 40, "restoration:strength:not-done"), (DONE, 101, "invalid"), (DONE, None, "invalid")],
)
def test_a_strength_that_cannot_be(status, strength, code):
    answer = blend(make_restoration(status=status), strength)
    assert (answer.status_code, answer.json()["code"]) == (409 if status == FAILED else 400, code)


@pytest.mark.parametrize(("role", "status"), [(Role.CURATOR, 202), (Role.REVIEWER, 202), (Role.VIEWER, 403)])
def test_who_may_blend(role, status):
    member = make_user()
    photo = make_photo(collection=make_collection(members={member: role}))
    assert blend(make_restoration(photo=photo), 40, member).status_code == status


def test_layers_and_repair_can_be_fetched():
    restoration = make_restoration()
    client = client_of(restoration.photo.uploaded_by)
    told = client.get(reverse("api:restoration-detail", args=[restoration.pk])).json()
    named = {**told["layers"], "repair": told["repair"]}
    assert set(named) == {"mask", "change", "invention", "repair"}
    for name, file in named.items():
        download = client.get(file["url"])
        assert b"".join(download.streaming_content) == kept_path(restoration, Kept(name)).read_bytes()
        assert download["Content-Type"] == file["media_type"]
        ending = "tif" if name == "repair" else "png"
        assert download["Content-Disposition"] == f'attachment; filename="photo-{name}.{ending}"'
    assert told["repair"]["sha256"] == restoration.repair_sha256


@pytest.mark.parametrize("name", ["hand", "result", "nothing"])
def test_what_is_no_layer_is_not_found(name):
    restoration = make_restoration(hand=hand())
    address = reverse("api:restoration-layer", args=[restoration.pk, name])
    assert client_of(restoration.photo.uploaded_by).get(address).status_code == 404


@pytest.mark.parametrize("status", [QUEUED, RUNNING, FAILED])
def test_no_layers_before_it_is_done(status):
    """A blend names the layers of its base from the beginning, and they may be about to change."""
    restoration = make_restoration(status=status)
    Restoration.objects.filter(pk=restoration.pk).update(layers=make_restoration().layers)
    client = client_of(restoration.photo.uploaded_by)
    told = client.get(reverse("api:restoration-detail", args=[restoration.pk])).json()
    assert (told["layers"], told["repair"]) == (dict.fromkeys(["mask", "change", "invention"]), None)
    address = reverse("api:restoration-layer", args=[restoration.pk, "mask"])
    assert client.get(address).status_code == 404


def test_figures_and_warnings_are_told():
    restoration = make_restoration(outcome={"warnings": [{"code": "from-a-later-version", "limit": 3}]})
    client = client_of(restoration.photo.uploaded_by)
    told = client.get(reverse("api:restoration-detail", args=[restoration.pk])).json()
    assert (told["invention"], told["share_damaged"]) == (2.0, 1.0)
    assert told["change_report"] == restoration.change_report
    assert told["warnings"] == [
        {"code": "from-a-later-version", "message": "from-a-later-version", "details": {"limit": 3}}
    ]


class TestWorkingThroughACollection:
    @pytest.fixture
    def collection(self):
        collection = make_collection()
        for invention, damaged in ((3.0, 0.2), (None, None), (9.0, 0.1)):
            photo = make_photo(collection=collection)
            make_restoration(photo=photo, outcome={"invention": invention, "share_damaged": damaged or 0.0})
        make_restoration(photo=make_photo(collection=collection), status=QUEUED)
        make_restoration()
        return collection

    def listed(self, collection, **query):
        address = reverse("api:collection-restorations", args=[collection.pk])
        return client_of(collection.owner).get(address, query)

    @pytest.mark.parametrize(
        ("ordering", "inventions"),
        [
            ("-invention", [9.0, 3.0, None]),
            ("invention", [3.0, 9.0, None]),
            ("requested_at", [3.0, None, 9.0]),
            ("-requested_at", [9.0, None, 3.0]),
            ("-share_damaged", [3.0, 9.0, None]),
            ("share_damaged", [None, 9.0, 3.0]),
        ],
    )
    def test_what_awaits_review_in_the_order_asked_for(self, collection, ordering, inventions):
        page = self.listed(collection, state="unreviewed", ordering=ordering).json()
        assert [row["invention"] for row in page["results"]] == inventions

    def test_all_of_it_newest_first(self, collection, django_assert_num_queries):
        client = client_of(collection.owner)
        address = reverse("api:collection-restorations", args=[collection.pk])
        with django_assert_num_queries(5):  # token, its use, collection, entries, restorations
            page = client.get(address).json()
        assert len(page["results"]) == 4
        assert page["results"][0]["status"] == QUEUED

    @pytest.mark.parametrize(
        ("state", "count"),
        [("queued", 1), ("running", 0), ("failed", 0), ("unreviewed", 3), ("approved", 0), ("rejected", 0)],
    )
    def test_by_state(self, collection, state, count):
        assert len(self.listed(collection, state=state).json()["results"]) == count

    @pytest.mark.parametrize("query", [{"state": "done"}, {"ordering": "filename"}])
    def test_a_word_that_means_nothing_is_refused(self, collection, query):
        answer = self.listed(collection, **query)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(query))
