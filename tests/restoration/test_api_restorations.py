"""Start, poll, download and review a restoration over REST."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from archive.access.roles import Role
from archive.files.storage import Area
from archive.models import ApiToken
from restoration.models import Restoration, Review
from restoration.services import report_progress
from restoration.tasks import run_restoration
from tests.factories import PASSWORD, make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of
from tests.stored import stored_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


@pytest.fixture(autouse=True)
def fresh_throttles():
    cache.clear()


def poll(user, restoration):
    return client_of(user).get(reverse("api:restoration-detail", args=[restoration.pk])).json()


def test_start_poll_and_download(model_version):
    photo = make_photo()
    user = photo.uploaded_by
    answer = client_of(user).post(reverse("api:photo-restorations", args=[photo.pk]))
    assert answer.status_code == 202
    assert answer["Location"] == answer.json()["url"]
    assert (answer.json()["status"], answer.json()["result"], answer.json()["error"]) == (QUEUED, None, None)
    run_restoration(answer.json()["id"])
    done = client_of(user).get(answer.json()["url"]).json()
    assert (done["status"], done["progress"]) == (DONE, 100)
    assert done["model_version"] == {
        "name": "untrained",
        "version": "1",
        "weights_sha256": model_version.weights_sha256,
    }
    download = client_of(user).get(done["result"]["url"], HTTP_ACCEPT="image/png")
    content = b"".join(download.streaming_content)
    assert content == stored_path(Area.RESULTS, done["result"]["sha256"], ".png").read_bytes()
    assert len(content) == done["result"]["byte_size"]
    assert (download["Content-Type"], download["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert download["Content-Disposition"] == 'attachment; filename="photo-restored.png"'


def test_progress_can_be_polled():
    restoration = make_restoration(status=RUNNING)
    report_progress(restoration=restoration, percent=42)
    assert poll(restoration.photo.uploaded_by, restoration)["progress"] == 42


def test_a_failure_has_code_and_sentence():
    restoration = make_restoration(status=FAILED, error_code="restoration:engine:timeout")
    assert poll(restoration.photo.uploaded_by, restoration)["error"] == {
        "code": "restoration:engine:timeout",
        "message": "The restoration took longer than this machine allows.",
    }


@pytest.mark.parametrize("status", [QUEUED, RUNNING])
def test_a_second_start_is_a_conflict(status):
    restoration = make_restoration(status=status)
    address = reverse("api:photo-restorations", args=[restoration.photo_id])
    answer = client_of(restoration.photo.uploaded_by).post(address)
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "restoration:request:already-active",
        "message": "This photo is already being restored.",
        "fields": {},
    }


@pytest.mark.parametrize("status", [QUEUED, RUNNING, FAILED])
def test_no_result_before_it_is_done(status):
    restoration = make_restoration(status=status)
    address = reverse("api:restoration-result", args=[restoration.pk])
    answer = client_of(restoration.photo.uploaded_by).get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_result_file_that_is_gone_is_not_found():
    restoration = make_restoration()
    stored_path(Area.RESULTS, restoration.result_sha256, ".png").unlink()
    answer = client_of(restoration.photo.uploaded_by).get(
        reverse("api:restoration-result", args=[restoration.pk])
    )
    assert answer.status_code == 404


def test_restorations_of_a_photo_newest_first(django_assert_num_queries):
    first = make_restoration(status=FAILED)
    second = make_restoration(photo=first.photo)
    client = client_of(first.photo.uploaded_by)
    with django_assert_num_queries(4):  # token, its use, photo, restorations
        page = client.get(reverse("api:photo-restorations", args=[first.photo_id])).json()
    assert [row["id"] for row in page["results"]] == [str(second.pk), str(first.pk)]


def test_approve_then_reject():
    restoration = make_restoration()
    user = restoration.photo.uploaded_by
    address = reverse("api:restoration-reviews", args=[restoration.pk])
    answer = client_of(user).post(address, {"decision": "approved", "comment": " clean "}, format="json")
    assert answer.status_code == 201
    assert (answer.json()["decision"], answer.json()["comment"], answer.json()["reviewer"]) == (
        "approved",
        "clean",
        user.username,
    )
    assert poll(user, restoration)["review_state"] == "approved"
    client_of(user).post(address, {"decision": "rejected"}, format="json")
    assert poll(user, restoration)["review_state"] == "rejected"
    history = client_of(user).get(address).json()["results"]
    assert [row["decision"] for row in history] == ["rejected", "approved"]


def test_an_unknown_decision_is_refused():
    restoration = make_restoration()
    answer = client_of(restoration.photo.uploaded_by).post(
        reverse("api:restoration-reviews", args=[restoration.pk]), {"decision": "maybe"}, format="json"
    )
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["decision"])
    assert Review.objects.count() == 0


@pytest.mark.parametrize("status", [QUEUED, RUNNING, FAILED])
def test_only_a_finished_restoration_can_be_reviewed(status):
    restoration = make_restoration(status=status)
    answer = client_of(restoration.photo.uploaded_by).post(
        reverse("api:restoration-reviews", args=[restoration.pk]), {"decision": "approved"}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "restoration:review:not-done")


@pytest.mark.parametrize(("role", "status"), [(Role.CURATOR, 201), (Role.REVIEWER, 201), (Role.VIEWER, 403)])
def test_who_may_review_and_restore(role, status):
    member = make_user()
    photo = make_photo(collection=make_collection(members={member: role}))
    restoration = make_restoration(photo=photo)
    review = client_of(member).post(
        reverse("api:restoration-reviews", args=[restoration.pk]), {"decision": "approved"}, format="json"
    )
    assert review.status_code == status
    again = client_of(member).post(reverse("api:photo-restorations", args=[photo.pk]))
    assert again.status_code == {201: 202, 403: 403}[status]


def test_sign_in_gives_a_token_that_opens_doors():
    user = make_user("siti")
    answer = client_of(None).post(reverse("api:token"), {"username": "siti", "password": PASSWORD})
    assert answer.status_code == 200
    assert ApiToken.objects.get().user == user
    client = client_of(None)
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    assert client.get(reverse("api:collection-list")).status_code == 200


def test_a_wrong_password_gives_none():
    make_user("siti")
    answer = client_of(None).post(reverse("api:token"), {"username": "siti", "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert ApiToken.objects.count() == 0


def test_guessing_passwords_soon_meets_a_wall():
    make_user("siti")
    address = reverse("api:token")
    for _ in range(10):
        client_of(None).post(address, {"username": "siti", "password": "wrong"})
    answer = client_of(None).post(address, {"username": "Siti ", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) > 0
    make_user("budi")
    assert client_of(None).post(address, {"username": "budi", "password": PASSWORD}).status_code == 200


def test_an_address_that_tries_many_names_meets_a_wall_whatever_it_forwards():
    address = reverse("api:token")
    for number in range(30):
        client_of(None).post(
            address,
            {"username": f"user-{number}", "password": "x"},
            HTTP_X_FORWARDED_FOR=f"10.0.0.{number}",
        )
    answer = client_of(None).post(address, {"username": "another", "password": "x"})
    assert answer.status_code == 429


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    assert "/api/v1/restorations/{id}/result/:" in (tmp_path / "schema.yml").read_text()


def test_the_schema_and_its_page_are_served_under_our_policy(client):
    assert client.get(reverse("api:schema")).status_code == 200
    page = client.get(reverse("api:docs"))
    assert page.status_code == 200
    assert "script-src 'self'" in page["Content-Security-Policy"]
    text = page.content.decode()
    assert "<style" not in text
    assert "<script>" not in text
    script = client.get(reverse("api:docs"), {"script": ""})
    assert script["Content-Type"].startswith("application/javascript")
    assert reverse("api:schema") in script.content.decode()
