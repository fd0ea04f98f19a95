"""Pages that do one thing with many photos, and selections that are too long for an address."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from archive.models import Collection, Membership, Photo
from restoration.models import Restoration, Review
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.html_page import get_page, page_of

pytestmark = pytest.mark.django_db

Status = Restoration.Status


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator, title="Album")


def batch(collection: Collection, action: str, query: str) -> str:
    return f"{reverse('restoration:batch', args=[collection.pk, action])}?{query}"


def named(*photos: Photo) -> str:
    return "&".join(f"photo={photo.pk}" for photo in photos)


def photo_in(collection: Collection, status: Status | None) -> Photo:
    photo = make_photo(collection=collection)
    if status is not None:
        make_restoration(photo=photo, status=status)
    return photo


class TestRestoring:
    def test_asks_first_and_leaves_out_what_is_being_restored(
        self, signed_in: Client, collection: Collection
    ) -> None:
        new, busy = photo_in(collection, None), photo_in(collection, Status.QUEUED)
        address = batch(collection, "restore", named(new, busy))
        page = get_page(signed_in, address)
        assert page.one("h1").text == "Restore 1 photo?"
        assert "1 chosen photo is being restored already and is left out." in page.one("main").text
        assert new.restorations.count() == 0
        response = signed_in.post(address, follow=True)
        assert "1 photo waits to be restored." in page_of(response).one("p", class_="notice").text
        assert (new.restorations.count(), busy.restorations.count()) == (1, 1)
        assert not new.restorations.get().thorough

    def test_thoroughly_where_that_is_chosen(self, signed_in: Client, collection: Collection) -> None:
        photos = [photo_in(collection, None) for _ in range(2)]
        address = batch(collection, "restore", named(*photos))
        box = get_page(signed_in, address).one("input", type="checkbox")
        assert box["name"] == "thorough"
        signed_in.post(address, {"thorough": "on"})
        assert [photo.restorations.get().thorough for photo in photos] == [True, True]

    def test_everything_that_was_found(self, signed_in: Client, collection: Collection) -> None:
        failed, done = photo_in(collection, Status.FAILED), photo_in(collection, Status.DONE)
        response = signed_in.post(batch(collection, "restore", "all=1&found=state%3Dfailed%26"))
        assert response["Location"] == (
            f"{reverse('restoration:collection_detail', args=[collection.pk])}?state=failed"
        )
        assert (failed.restorations.count(), done.restorations.count()) == (2, 1)


class TestDeciding:
    def test_rejects_with_a_reason_what_waits_for_a_decision(
        self, signed_in: Client, collection: Collection
    ) -> None:
        photos = [photo_in(collection, Status.DONE) for _ in range(2)]
        photos.append(photo_in(collection, Status.FAILED))
        address = batch(collection, "reject", named(*photos))
        page = get_page(signed_in, address)
        assert page.one("h1").text == "Reject 2 restorations?"
        assert "1 chosen photo waits for no decision and is left out." in page.one("main").text
        page = page_of(signed_in.post(address, {"reason": "likeness", "comment": "Other eyes"}))
        assert page.one("h1").text == "2 restorations were decided"
        reviews = Review.objects.all()
        assert {(each.decision, each.reason, each.comment) for each in reviews} == {
            ("rejected", "likeness", "Other eyes")
        }
        undone = {key["value"] for key in page.all("input", name="restoration")}
        assert undone == {str(photo.restorations.get().pk) for photo in photos[:2]}
        signed_in.post(
            page.one("form", action=reverse("restoration:review_undo"))["action"],
            {"restoration": list(undone), "next": "/"},
        )
        assert set(Restoration.objects.filter(pk__in=undone).values_list("review_state", flat=True)) == {
            "unreviewed"
        }

    def test_approves_without_asking_for_a_reason(self, signed_in: Client, collection: Collection) -> None:
        photo = photo_in(collection, Status.DONE)
        address = batch(collection, "approve", named(photo))
        assert get_page(signed_in, address).all("select", name="reason") == []
        signed_in.post(address)
        assert photo.restorations.get().review_state == "approved"

    def test_an_unknown_reason_decides_nothing(self, signed_in: Client, collection: Collection) -> None:
        photo = photo_in(collection, Status.DONE)
        page = page_of(signed_in.post(batch(collection, "reject", named(photo)), {"reason": "dislike"}))
        assert page.one("h1").text == "Reject 1 restoration?"
        assert not Review.objects.exists()


class TestDeleting:
    def test_puts_into_the_bin(self, signed_in: Client, collection: Collection, curator: User) -> None:
        photos = [photo_in(collection, None) for _ in range(3)]
        address = batch(collection, "delete", named(*photos[:2]))
        assert get_page(signed_in, address).one("h1").text == "Delete 2 photos?"
        signed_in.post(address)
        assert set(Photo.objects.in_bin(curator)) == set(photos[:2])

    def test_is_for_curators(self, client: Client, collection: Collection) -> None:
        photo = photo_in(collection, Status.DONE)
        reviewer = make_user()
        Membership.objects.create(collection=collection, user=reviewer, role=Membership.Role.REVIEWER)
        client.force_login(reviewer)
        assert client.get(batch(collection, "approve", named(photo))).status_code == 200
        assert client.get(batch(collection, "delete", named(photo))).status_code == 403
        buttons = get_page(client, reverse("restoration:collection_detail", args=[collection.pk]))
        assert [each.text for each in buttons.all("button") if "data-needs-choice" in each.attributes] == [
            "Approve",
            "Reject",
            "Restore",
            "Export",
        ]


class TestChoosing:
    def test_nothing_chosen_goes_back(self, signed_in: Client, collection: Collection) -> None:
        response = signed_in.get(batch(collection, "restore", ""))
        assert response.status_code == 302
        assert signed_in.get(batch(collection, "frame", "all=1")).status_code == 404

    def test_a_long_selection_is_kept_by_the_session(
        self, signed_in: Client, client: Client, collection: Collection
    ) -> None:
        photos = [photo_in(collection, None) for _ in range(3)]
        chosen = ",".join([str(photos[0].pk), "nonsense", str(photos[2].pk)])
        keep = reverse("archive:selection", args=[collection.pk])
        names = [signed_in.post(keep, {"photos": chosen}).json()["selection"] for _ in range(2)]
        for name in names:
            page = get_page(signed_in, batch(collection, "restore", f"selection={name}"))
            assert page.one("h1").text == "Restore 2 photos?"
        # Somebody else's session knows nothing of it.
        other = Client()
        other.force_login(collection.owner)
        assert other.get(batch(collection, "restore", f"selection={names[0]}")).status_code == 302

    def test_no_photo_of_another_collection(self, signed_in: Client, collection: Collection) -> None:
        foreign = photo_in(make_collection(), Status.DONE)
        signed_in.post(batch(collection, "approve", named(foreign)))
        assert foreign.restorations.get().review_state == "unreviewed"
