"""Pages and REST about how well things are kept."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from archive.access.roles import Role
from archive.events.chain import verify_record
from archive.files.storage import Area
from archive.fixity.standing import shelves_read_lately, standing_of_photo
from archive.models import SHELVES, FixityRun, Photo
from archive.queue.keeping_tasks import check_fixity
from archive.services import add_member, create_collection, start_fixity_run, start_fixity_slice
from tests.factories import make_collection, make_photo, make_user
from tests.html_page import Page, get_page, page_of
from tests.stored import stored_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def photo(owner: User) -> Photo:
    return make_photo(collection=make_collection(owner=owner, title="Album"), filename="a.png")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def run_to_end(run: FixityRun) -> None:
    check_fixity(str(run.pk))


def keeping(photo: Photo) -> str:
    return reverse("archive:collection_keeping", args=[photo.collection_id])


class TestCollection:
    def test_check_from_button_to_answer(
        self,
        signed_in: Client,
        photo: Photo,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        panel = get_page(signed_in, keeping(photo)).one("section", id="fixity")
        assert "Not checked by itself yet; every file has its turn within 90 days." in panel.text
        address = reverse("archive:collection_fixity", args=[photo.collection_id])
        with django_capture_on_commit_callbacks(execute=True):
            assert signed_in.post(address)["Location"] == keeping(photo)
        run = FixityRun.objects.get()
        assert OrmQ.objects.get().args() == (str(run.pk),)
        panel = get_page(signed_in, keeping(photo)).one("section", id="fixity")
        assert (panel["hx-get"], panel["hx-trigger"]) == (address, "every 2s")

        run_to_end(run)
        polled = signed_in.get(address, headers={"HX-Request": "true"})
        assert polled.status_code == 286
        panel = Page(polled.content.decode()).one("section", id="fixity")
        assert "Every file that was read has the SHA-256" in panel.text
        assert "hx-get" not in panel.attributes

    def test_missing_file_is_named_with_its_photo(self, signed_in: Client, photo: Photo) -> None:
        stored_path(Area.ORIGINALS, photo.original.sha256).unlink()
        run_to_end(start_fixity_run())
        for address in (keeping(photo), reverse("restoration:photo_detail", args=[photo.pk])):
            panel = get_page(signed_in, address).one("section", id="fixity")
            assert "1 file is not as it should be." in panel.text
            assert f"Missing originals/{photo.original.sha256[:2]}" in panel.text

    def test_findings_of_others_stay_with_them(self, signed_in: Client, photo: Photo) -> None:
        other = make_photo()
        stored_path(Area.ORIGINALS, other.original.sha256).unlink()
        run_to_end(start_fixity_run())
        assert "should be." not in get_page(signed_in, keeping(photo)).one("section", id="fixity").text
        answer = signed_in.get(f"/api/v1/collections/{photo.collection_id}/fixity/").json()
        assert (answer["finding_count"], answer["findings"]) == (0, [])

    def test_log_tells_what_happened_here_and_below(self, signed_in: Client, photo: Photo) -> None:
        part = create_collection(owner=photo.uploaded_by, title="Box 1", parent=photo.collection)
        make_photo(collection=part, filename="b.png")
        make_photo()
        page = get_page(signed_in, keeping(photo))
        lines = [item.text.partition(" · sri")[0] for item in page.all("li", class_="history__item")]
        assert lines == ["Original received", "Collection created"] * 2

    def test_hold_is_set_and_lifted_by_an_owner(self, signed_in: Client, photo: Photo) -> None:
        hold = reverse("archive:hold_set", args=[photo.collection_id])
        page = page_of(signed_in.post(hold, {"reason": ""}))
        assert page.one("input", name="reason")["aria-invalid"] == "true"
        signed_in.post(hold, {"reason": "Court order 12/2026"})
        page = get_page(signed_in, keeping(photo))
        assert "Court order 12/2026" in page.one(class_="notice--warning").text
        signed_in.post(reverse("archive:hold_lift", args=[photo.collection_id]), {"reason": "Settled"})
        photo.collection.refresh_from_db()
        assert not photo.collection.legal_hold

    def test_viewer_looks_and_has_no_buttons(self, client: Client, photo: Photo) -> None:
        viewer = make_user()
        add_member(collection=photo.collection, user=viewer, role=Role.VIEWER)
        client.force_login(viewer)
        page = get_page(client, keeping(photo))
        forms = [form["action"] for form in page.all("form")]
        assert not [action for action in forms if "fixity" in action or "hold" in action]

    def test_number_of_queries_does_not_grow_with_the_log(
        self, signed_in: Client, photo: Photo, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        signed_in.get(keeping(photo))
        with django_assert_num_queries(13) as before:
            signed_in.get(keeping(photo))
        for _ in range(3):
            make_photo(collection=photo.collection)
        with django_assert_num_queries(len(before)):
            signed_in.get(keeping(photo))


class TestStanding:
    def test_photo_counts_as_read_by_every_run_over_its_shelf(self, photo: Photo) -> None:
        assert standing_of_photo(photo).last is None
        fonds_run = start_fixity_run(collection=photo.collection)
        run_to_end(fonds_run)
        assert standing_of_photo(photo).last == fonds_run
        everything = start_fixity_run()
        run_to_end(everything)
        assert standing_of_photo(photo).last == everything
        elsewhere = start_fixity_run(photo=make_photo())
        run_to_end(elsewhere)
        assert standing_of_photo(photo).last == everything

    def test_shelves_are_counted_once(self) -> None:
        assert shelves_read_lately() == 0
        run_to_end(start_fixity_slice())
        part = shelves_read_lately()
        assert 0 < part < SHELVES / 80
        run_to_end(start_fixity_run())
        assert shelves_read_lately() == SHELVES


class TestOperators:
    def test_page_is_for_staff(self, signed_in: Client, photo: Photo, owner: User, media_root: Path) -> None:
        address = reverse("archive:archive_keeping")
        assert signed_in.get(address).status_code == 403
        owner.is_staff = True
        owner.save()
        (media_root / "originals" / "notes.txt").write_text("x")
        run_to_end(start_fixity_run())
        page = get_page(signed_in, address)
        assert "Unknown originals/notes.txt" in page.one("section", id="fixity").text
        assert "100 % of all files" in page.one("main").text
        assert page.all("td")[0].text == "The whole archive"
        signed_in.post(reverse("archive:archive_fixity"))
        assert FixityRun.objects.under_way().count() == 1
        again = signed_in.post(reverse("archive:archive_fixity"), follow=True)
        assert "running already" in again.content.decode()


class TestApi:
    def test_events_verify_themselves(self, signed_in: Client, photo: Photo) -> None:
        for address in (
            f"/api/v1/photos/{photo.pk}/events/",
            f"/api/v1/collections/{photo.collection_id}/events/",
        ):
            records = signed_in.get(address).json()["results"]
            assert records[0]["kind"] == "photo-ingested"
            if records[0]["sequence"] is not None:
                assert all(map(verify_record, records))

    def test_check_is_begun_once(self, signed_in: Client, photo: Photo) -> None:
        for address in (
            f"/api/v1/photos/{photo.pk}/fixity/",
            f"/api/v1/collections/{photo.collection_id}/fixity/",
        ):
            assert signed_in.get(address).json()["last"] is None
            answer = signed_in.post(address)
            assert (answer.status_code, answer.json()["percent"]) == (202, 0)
            assert signed_in.post(address).json()["code"] == "archive:fixity:running"
            assert signed_in.get(address).json()["running"]["id"] == answer.json()["id"]
