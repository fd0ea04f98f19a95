"""The page of a photo: before and after, status, decisions, files, provenance, history."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from archive.files.renditions import remove_renditions
from archive.files.storage import Area
from archive.models import Membership, Photo
from restoration.models import Restoration
from restoration.services import (
    pause_restorations,
    report_progress,
    resume_restorations,
    review_restoration,
    set_back_restoration,
)
from tests.factories import make_restoration, make_user
from tests.html_page import Page, get_page, page_of
from tests.stored import stored_path

pytestmark = pytest.mark.django_db

Status = Restoration.Status
Role = Membership.Role


def detail(photo: Photo) -> str:
    return reverse("restoration:photo_detail", args=[photo.pk])


def status(photo: Photo) -> str:
    return reverse("restoration:photo_status", args=[photo.pk])


def told(response: HttpResponse) -> str:
    """What the page says at its head."""
    return page_of(response).one(class_="notices").text


def review(restoration: Restoration) -> str:
    return reverse("restoration:review", args=[restoration.pk])


class TestComparison:
    def test_finished_restoration_has_a_slider_with_name_and_value(
        self, signed_in: Client, photo: Photo
    ) -> None:
        restoration = make_restoration(photo=photo)
        page = get_page(signed_in, detail(photo))
        assert page.one("img", alt="Restored picture")["src"] == reverse(
            "restoration:result_rendition", args=[restoration.pk, "web"]
        )
        assert page.one("img", alt="Original picture")["src"] == reverse(
            "archive:rendition", args=[photo.pk, "web"]
        )
        # One for the plain pictures, one for what draws in their place.
        sliders = page.all("input", class_="curtain-range")
        assert len(sliders) == 2
        for slider in sliders:
            assert (slider["min"], slider["max"], slider["value"]) == ("0", "100", "50")
            assert slider["aria-label"] == "Share of the picture that shows the original"

    @pytest.mark.parametrize("missing", ["original", "result"])
    def test_missing_file_leaves_the_other_picture(
        self, signed_in: Client, photo: Photo, missing: str
    ) -> None:
        restoration = make_restoration(photo=photo)
        gone = photo.original.sha256 if missing == "original" else restoration.result_sha256
        remove_renditions(gone)
        page = get_page(signed_in, detail(photo))
        assert page.all("before-after") == []
        assert page.one(class_="picture__missing").text == "The file of this picture is missing."
        left = {"original": "Restored picture", "result": "Bibi Sri.jpg"}[missing]
        assert page.one("img", alt=left)["loading"] == "lazy"

    def test_without_a_result_only_the_original_is_shown(self, signed_in: Client, photo: Photo) -> None:
        page = get_page(signed_in, detail(photo))
        assert page.one("img", fetchpriority="high")["alt"] == "Bibi Sri.jpg"
        assert page.all("fieldset", class_="layers") == page.all("strength-slider") == []
        assert page.all("a", id="download-restored") == []


class TestStatus:
    def test_moving_restoration_polls_with_its_progress(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo, status=Status.RUNNING)
        report_progress(restoration=restoration, percent=40)
        response = signed_in.get(status(photo))
        assert response.status_code == 200
        page = Page(response.content.decode())
        panel = page.one("section", id="restoration-status")
        assert (panel["hx-get"], panel["hx-trigger"]) == (
            f"{status(photo)}?version={restoration.pk}",
            "every 1500ms",
        )
        assert "40 % done." in panel.text
        assert page.one("progress")["value"] == "40"
        assert "Restore again" not in panel.text

    def test_finished_restoration_ends_the_poll_and_brings_everything(
        self, signed_in: Client, photo: Photo
    ) -> None:
        make_restoration(photo=photo)
        response = signed_in.get(status(photo))
        assert response.status_code == 286
        assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#photo", "outerHTML")
        page = Page(response.content.decode())
        assert page.elements[0]["id"] == "photo"
        assert len(page.all("before-after")) == 1
        assert "hx-get" not in page.one("section", id="restoration-status").attributes

    def test_failure_tells_sentence_and_code(self, signed_in: Client, photo: Photo) -> None:
        make_restoration(photo=photo, status=Status.FAILED, error_code="restoration:engine:out-of-memory")
        page = get_page(signed_in, detail(photo))
        panel = page.one("section", id="restoration-status").text
        assert (
            "The machine has too little memory to restore a photo of this size. "
            "restoration:engine:out-of-memory"
        ) in panel
        assert "Restore again" in panel


class TestProvenanceAndHistory:
    def test_facts_of_original_run_and_result(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        page = get_page(signed_in, detail(photo))
        terms = [term.text for term in page.all("dt")]
        facts = dict(zip(terms, [value.text for value in page.all("dd")], strict=True))
        original, model = photo.original, restoration.model_version
        assert model is not None
        assert facts["SHA-256 of the original"] == original.sha256
        assert facts["SHA-256 of the result"] == restoration.result_sha256
        assert facts["SHA-256 of the weights"] == model.weights_sha256
        assert facts["Model"] == f"{model.name} {model.version}"
        assert facts["Code version"] == restoration.code_version
        assert facts["Parameters"] == "tile: 1024"
        assert facts["Seed"] == str(restoration.seed)
        assert facts["Pixels changed"] == "100.0 %"
        assert facts["Mean change"] == "1 of 255"
        assert facts["Peak memory"] == "117.7 MB"
        assert facts["Original"].startswith("image/png, 128 by 160 pixels, ")

    def test_history_tells_newest_first_who_did_what(
        self, signed_in: Client, photo: Photo, curator: User
    ) -> None:
        restoration = make_restoration(photo=photo, requested_by=curator)
        review_restoration(
            restoration=restoration,
            reviewer=curator,
            decision="rejected",
            comment="The left eye is invented.",
        )
        page = get_page(signed_in, detail(photo))
        entries = [item.text for item in page.all("li", class_="history__item")]
        assert entries[0].endswith("UTC The left eye is invented.")
        assert [entry.split(f" {restoration.requested_at:%b}")[0] for entry in entries] == [
            "Restoration rejected · sri",
            "Restoration finished",
            "Restoration requested · sri",
            "Original received · sri",
        ]

    def test_number_of_queries_does_not_grow_with_the_history(
        self,
        signed_in: Client,
        photo: Photo,
        curator: User,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(3):
            restoration = make_restoration(photo=photo, requested_by=curator)
            review_restoration(restoration=restoration, reviewer=curator, decision="approved")
        # session, user, photo, versions, may review, may describe, comments, events, models to choose from,
        # own decision, what stands above, tags, alike originals and their photos, last check, running check,
        # findings
        with django_assert_num_queries(17):
            signed_in.get(detail(photo))


class TestReviewing:
    @pytest.mark.parametrize(("decision", "word"), [("approved", "Approved"), ("rejected", "Rejected")])
    def test_decision_is_stored_and_shown(
        self, signed_in: Client, photo: Photo, decision: str, word: str
    ) -> None:
        restoration = make_restoration(photo=photo)
        form = get_page(signed_in, detail(photo)).one("form", action=review(restoration))
        assert "Approve Reject" in form.text
        response = signed_in.post(
            review(restoration), {"decision": decision, "comment": " Good. "}, follow=True
        )
        page = page_of(response)
        assert page.one(class_="notice--success").text == word
        assert page.one("section", id="restoration-status")["data-announce"] == word
        stored = restoration.reviews.get()
        assert (stored.decision, stored.comment) == (decision, "Good.")

    def test_unfinished_restoration_cannot_be_reviewed(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo, status=Status.QUEUED)
        response = signed_in.post(review(restoration), {"decision": "approved"}, follow=True)
        assert told(response) == "Only a finished restoration can be reviewed."
        assert not restoration.reviews.exists()

    def test_unknown_decision_changes_nothing(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        response = signed_in.post(review(restoration), {"decision": "maybe"}, follow=True)
        assert "maybe is not one of the available choices" in told(response)
        assert not restoration.reviews.exists()

    def test_viewer_sees_no_buttons_and_may_not_decide(self, client: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        viewer = make_user()
        Membership.objects.create(collection=photo.collection, user=viewer, role=Role.VIEWER)
        client.force_login(viewer)
        page = get_page(client, detail(photo))
        actions = {form["action"] for form in page.all("form")}
        assert actions == {reverse("sign_out"), reverse("set_language"), reverse("archive:theme_choice")}
        response = client.post(review(restoration), {"decision": "approved"})
        assert (response.status_code, page_of(response).one("h1").text) == (403, "Not allowed")
        assert client.post(reverse("restoration:request", args=[photo.pk])).status_code == 403
        assert not restoration.reviews.exists()

    def test_reviewer_may_decide(self, client: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        reviewer = make_user()
        Membership.objects.create(collection=photo.collection, user=reviewer, role=Role.REVIEWER)
        client.force_login(reviewer)
        client.post(review(restoration), {"decision": "approved"})
        assert restoration.reviews.get().reviewer == reviewer


class TestRestoring:
    def test_button_queues_a_restoration(self, signed_in: Client, photo: Photo) -> None:
        page = get_page(signed_in, detail(photo))
        address = reverse("restoration:request", args=[photo.pk])
        assert page.one("form", action=address)["id"] == "again-form"
        senders = [button.text for button in page.all("button", form="again-form")]
        assert "Restore" in senders
        page = page_of(signed_in.post(address, follow=True))
        assert "Waiting for a worker." in page.one("section", id="restoration-status").text
        assert photo.restorations.get().status == Status.QUEUED

    def test_one_that_a_pause_has_stopped_says_so_and_goes_on_asking(
        self, signed_in: Client, photo: Photo, curator: User
    ) -> None:
        running = make_restoration(photo=photo, status=Status.RUNNING)
        report_progress(restoration=running, percent=42)
        pause_restorations(collection=photo.collection, actor=curator)
        assert set_back_restoration(restoration=running)
        panel = Page(signed_in.get(status(photo)).content.decode()).one("section", id="restoration-status")
        assert "Restoring is paused here: this photo waits until it is resumed." in panel.text
        assert panel["hx-get"].startswith(status(photo))
        assert "42 %" not in panel.text
        history = signed_in.get(detail(photo)).content.decode()
        assert "Restoration stopped by a pause, queued again" in history
        resume_restorations(collection=photo.collection, actor=curator)
        panel = Page(signed_in.get(status(photo)).content.decode()).one("section", id="restoration-status")
        assert "Waiting for a worker." in panel.text

    def test_second_click_is_told_that_it_runs_already(self, signed_in: Client, photo: Photo) -> None:
        make_restoration(photo=photo, status=Status.RUNNING)
        response = signed_in.post(reverse("restoration:request", args=[photo.pk]), follow=True)
        assert told(response) == "This photo is already being restored."
        assert photo.restorations.count() == 1


class TestFiles:
    def test_result_comes_whole_as_an_attachment_named_after_the_photo(
        self, signed_in: Client, photo: Photo
    ) -> None:
        restoration = make_restoration(photo=photo)
        response = signed_in.get(reverse("restoration:result", args=[restoration.pk]))
        stored = stored_path(Area.RESULTS, restoration.result_sha256, ".png")
        assert response.getvalue() == stored.read_bytes()
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == 'attachment; filename="Bibi Sri-restored.png"'
        assert response["X-Content-Type-Options"] == "nosniff"

    def test_unfinished_restoration_has_no_files(self, signed_in: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo, status=Status.RUNNING)
        for address in file_addresses(restoration):
            assert signed_in.get(address).status_code == 404

    def test_result_rendition_is_answered_from_the_browsers_copy(
        self, signed_in: Client, photo: Photo
    ) -> None:
        address = file_addresses(make_restoration(photo=photo))[1]
        response = signed_in.get(address)
        assert response["Content-Type"] == "image/webp"
        again = signed_in.get(address, headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304


def file_addresses(restoration: Restoration) -> list[str]:
    return [
        reverse("restoration:result", args=[restoration.pk]),
        reverse("restoration:result_rendition", args=[restoration.pk, "web"]),
    ]


class TestVisibility:
    def test_strangers_and_staff_get_404_everywhere(self, client: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        for stranger in (make_user(), make_user(is_staff=True, is_superuser=True)):
            client.force_login(stranger)
            for address in [detail(photo), status(photo), *file_addresses(restoration)]:
                assert client.get(address).status_code == 404
            assert client.post(review(restoration), {"decision": "approved"}).status_code == 404
            assert client.post(reverse("restoration:request", args=[photo.pk])).status_code == 404
        assert not restoration.reviews.exists()
        assert photo.restorations.count() == 1

    def test_poll_of_an_ended_session_reloads_the_page(self, client: Client, photo: Photo) -> None:
        response = client.get(status(photo), headers={"HX-Request": "true"})
        assert (response["HX-Refresh"], response.content) == ("true", b"")

    def test_who_is_not_signed_in_is_asked_to(self, client: Client, photo: Photo) -> None:
        restoration = make_restoration(photo=photo)
        for address in [detail(photo), status(photo), *file_addresses(restoration)]:
            assert client.get(address)["Location"].startswith(reverse("sign_in"))
