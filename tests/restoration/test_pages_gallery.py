"""The gallery: states, filter, pages, and the poll that keeps it in step with the worker."""

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image, ImageColor

from archive.files.renditions import remove_renditions
from archive.models import Collection, Membership, Photo
from restoration.models import Restoration
from restoration.presentation import galleries
from restoration.services import cancel_restorations, report_progress, review_restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.html_page import Element, Page, get_page
from tests.pictures import png

pytestmark = pytest.mark.django_db

Status = Restoration.Status

MOST_QUERIES = 16
"""session, user, collection and its tree, rights, counts, entries, photos, restorations, uploaders ..."""


@pytest.fixture
def curator() -> User:
    return make_user()


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator, title="Album")


def gallery(collection: Collection, query: str = "") -> str:
    return reverse("restoration:collection_detail", args=[collection.pk]) + query


def changes(collection: Collection, *photos: Photo) -> str:
    query = "&".join(f"active={photo.pk}" for photo in photos)
    return f"{reverse('restoration:gallery_changes', args=[collection.pk])}?{query}"


def photo_in(collection: Collection, status: Restoration.Status | None) -> Photo:
    photo = make_photo(collection=collection)
    if status is not None:
        make_restoration(photo=photo, status=status)
    return photo


def cards(page: Page) -> list[str]:
    return [card["id"].removeprefix("photo-") for card in page.all("li", class_="card")]


def card_of(page: Page, photo: Photo) -> Element:
    return page.one("li", id=f"photo-{photo.pk}")


class TestStates:
    def test_every_photo_says_where_it_stands(self, signed_in: Client, collection: Collection) -> None:
        expected = {
            photo_in(collection, None): "Not restored",
            photo_in(collection, Status.QUEUED): "Queued",
            photo_in(collection, Status.RUNNING): "Restoring",
            photo_in(collection, Status.FAILED): "Failed",
            photo_in(collection, Status.DONE): "To review",
        }
        for decision, word in [("approved", "Approved"), ("rejected", "Rejected")]:
            photo = photo_in(collection, Status.DONE)
            review_restoration(
                restoration=photo.restorations.get(), reviewer=collection.owner, decision=decision
            )
            expected[photo] = word
        page = get_page(signed_in, gallery(collection))
        assert {photo: card_of(page, photo).text.removeprefix("photo.png ") for photo in expected} == expected
        assert len(page.all("input", name="active")) == 2  # queued, running

    def test_the_newest_restoration_counts(self, signed_in: Client, collection: Collection) -> None:
        photo = photo_in(collection, Status.FAILED)
        make_restoration(photo=photo, status=Status.QUEUED)
        page = get_page(signed_in, gallery(collection))
        assert "Queued" in card_of(page, photo).text
        assert [chip.text for chip in page.all("a", class_="chip")] == ["All 1", "Queued 1"]

    def test_restored_picture_is_shown_unless_it_was_rejected(
        self, signed_in: Client, collection: Collection
    ) -> None:
        photo = photo_in(collection, Status.DONE)
        restoration = photo.restorations.get()
        result = reverse("restoration:result_rendition", args=[restoration.pk, "thumbnail"])
        original = reverse("archive:rendition", args=[photo.pk, "thumbnail"])

        def shown() -> str:
            return get_page(signed_in, gallery(collection)).one("img", decoding="async")["src"]

        assert shown() == result
        review_restoration(restoration=restoration, reviewer=collection.owner, decision="rejected")
        assert shown() == original

    def test_before_is_named_where_a_restoration_is_shown(
        self, signed_in: Client, collection: Collection
    ) -> None:
        restored, failed = photo_in(collection, Status.DONE), photo_in(collection, Status.FAILED)
        page = get_page(signed_in, gallery(collection))
        before = reverse("archive:rendition", args=[restored.pk, "thumbnail"])
        assert card_of(page, restored)["data-before"] == before
        assert "data-before" not in card_of(page, failed).attributes

    def test_room_and_ground_of_a_picture_are_there_before_it(
        self, signed_in: Client, collection: Collection
    ) -> None:
        """Its ratio in four characters, within what a row can hold, and its mean colour."""
        ratios = {(300, 200): "1.50", (200, 300): "0.67", (60, 300): "0.67", (900, 60): "3.00"}
        for size, ratio in ratios.items():
            content = png(Image.new("RGB", size, (200, 100, 50)))
            photo = make_photo(collection=collection, content=content)
            page = get_page(signed_in, gallery(collection))
            assert card_of(page, photo)["data-ratio"] == ratio
        colours = [ImageColor.getrgb(ground["fill"]) for ground in page.all("rect")]
        assert np.abs(np.subtract(colours, (200, 100, 50))).max() <= 2  # thumbnails are lossy

    def test_pictures_beyond_the_first_rows_are_lazy(self, signed_in: Client, collection: Collection) -> None:
        for _ in range(8):
            photo_in(collection, None)
        pictures = get_page(signed_in, gallery(collection)).all("img", decoding="async")
        assert ["loading" in picture.attributes for picture in pictures] == [False] * 6 + [True] * 2

    def test_cancelled_version_leaves_the_photo_as_it_was(
        self, signed_in: Client, collection: Collection
    ) -> None:
        photo = photo_in(collection, Status.DONE)
        make_restoration(photo=photo, status=Status.QUEUED)
        cancel_restorations(collection=collection, actor=collection.owner)
        page = get_page(signed_in, gallery(collection))
        assert "To review" in card_of(page, photo).text
        assert page.one("nav", id="gallery-filters").text == "All 1 To review 1"

    def test_result_whose_file_is_gone_is_a_card_with_a_sentence(
        self, signed_in: Client, collection: Collection
    ) -> None:
        photo = photo_in(collection, Status.DONE)
        remove_renditions(photo.restorations.get().result_sha256)
        page = get_page(signed_in, gallery(collection))
        assert "The file of this picture is missing." in card_of(page, photo).text


class TestFilterAndPages:
    def test_filter_shows_one_state_and_keeps_all_counts(
        self, signed_in: Client, collection: Collection
    ) -> None:
        failed = photo_in(collection, Status.FAILED)
        photo_in(collection, Status.DONE)
        page = get_page(signed_in, gallery(collection, "?state=failed"))
        assert [card["id"] for card in page.all("li", class_="card")] == [f"photo-{failed.pk}"]
        assert page.one("nav", id="gallery-filters").text == "All 2 To review 1 Failed 1"
        assert page.one("a", id="filter-failed")["aria-current"] == "true"
        assert "data-accepts-new" not in page.one("ul", id="gallery").attributes

    def test_word_that_is_no_state_shows_everything(self, signed_in: Client, collection: Collection) -> None:
        photo_in(collection, None)
        page = get_page(signed_in, gallery(collection, "?state=lost"))
        assert len(page.all("li", class_="card")) == 1

    def test_pages_keep_the_filter(
        self, signed_in: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(galleries, "PHOTOS_PER_PAGE", 2)
        photos = [photo_in(collection, None) for _ in range(3)]
        page = get_page(signed_in, gallery(collection, "?state=none"))
        assert cards(page) == [str(photos[2].pk), str(photos[1].pk)]
        onwards = page.one("a", rel="next")["href"]
        assert onwards.startswith(gallery(collection, "?state=none&after="))
        last = get_page(signed_in, onwards)
        assert cards(last) == [str(photos[0].pk)]
        assert last.all("a", rel="next") == []
        assert cards(get_page(signed_in, last.all("a", rel="prev")[0]["href"])) == cards(page)
        # From the end, pages are full: the last one has two, the first one may have fewer.
        end = next(link["href"] for link in page.all("a") if link.text == "Last")
        assert cards(get_page(signed_in, end)) == [str(photos[1].pk), str(photos[0].pk)]

    def test_every_page_says_its_own_address(
        self, signed_in: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(galleries, "PHOTOS_PER_PAGE", 2)
        for _ in range(3):
            photo_in(collection, None)
        address = gallery(collection, "?sort=name")
        page = get_page(signed_in, address)
        assert page.one("ul", id="gallery")["data-address"] == address
        assert page.all("nav", id="gallery-earlier") == []
        onwards = page.one("a", rel="next")["href"]
        second = get_page(signed_in, onwards)
        assert second.one("ul", id="gallery")["data-address"] == onwards
        assert second.one("nav", id="gallery-earlier").text == "Show earlier photos"

    def test_address_that_names_no_place_shows_the_first_page(
        self, signed_in: Client, collection: Collection
    ) -> None:
        photo = photo_in(collection, None)
        places = [
            "after=nonsense",
            "before=WzEsMl0",
            "after=" + "A" * 500,
            "after=%00",
            "sort=name&after=W10",
        ]
        for place in places:
            assert cards(get_page(signed_in, gallery(collection, f"?{place}"))) == [str(photo.pk)]

    def test_orders_by_what_the_newest_version_measured(
        self, signed_in: Client, collection: Collection
    ) -> None:
        measured = {0.02: 30.0, 0.3: 1.5, 0.0: 0.0}
        photos = {
            damage: make_restoration(
                photo=make_photo(collection=collection),
                outcome={"share_damaged": damage, "invention": invention},
            ).photo
            for damage, invention in measured.items()
        }
        unmeasured = photo_in(collection, None)

        def order(sort: str) -> list[str]:
            return cards(get_page(signed_in, gallery(collection, f"?sort={sort}")))

        by_damage = [photos[0.3], photos[0.02], photos[0.0], unmeasured]
        by_invention = [photos[0.02], photos[0.3], photos[0.0], unmeasured]
        assert order("damage") == [str(photo.pk) for photo in by_damage]
        assert order("invention") == [str(photo.pk) for photo in by_invention]
        assert order("newest") == order("nonsense") == order("")
        page = get_page(signed_in, gallery(collection, "?sort=damage"))
        assert "30.0 % damaged" in card_of(page, photos[0.3]).text
        page = get_page(signed_in, gallery(collection, "?sort=invention"))
        assert "Invention: 30.0" in card_of(page, photos[0.02]).text

    def test_order_and_filter_keep_each_other(self, signed_in: Client, collection: Collection) -> None:
        photo_in(collection, Status.DONE)
        page = get_page(signed_in, gallery(collection, "?state=unreviewed&sort=invention"))
        assert page.one("a", id="filter-all")["href"] == gallery(collection, "?sort=invention")
        assert page.one("a", id="filter-unreviewed")["href"].endswith("?sort=invention&state=unreviewed")
        # The order is a part of the search form, which keeps the state.
        assert page.one("input", name="state")["value"] == "unreviewed"
        chosen = page.one("option", value="invention")
        assert (chosen.text, "selected" in chosen.attributes) == ("Most invented first", True)
        assert page.one("div", id="gallery-poll")["hx-get"].endswith("?state=unreviewed&sort=invention&")
        # A new photo would stand at the wrong place.
        assert "data-accepts-new" not in page.one("ul", id="gallery").attributes

    def test_number_of_queries_does_not_grow_with_the_gallery(
        self, signed_in: Client, collection: Collection
    ) -> None:
        for status in [Status.DONE, Status.FAILED, Status.QUEUED, None]:
            photo_in(collection, status)
        addresses = [gallery(collection), gallery(collection, "?q=photo&sort=name&below=on&date=1900/1999")]
        numbers = []
        for number in (5, 12):
            while collection.photos.count() < number:
                photo_in(collection, Status.FAILED)
            for address in addresses:
                with CaptureQueriesContext(connection) as queries:
                    signed_in.get(address)
                numbers.append(len(queries))
        assert numbers[:2] == numbers[2:]
        assert max(numbers) <= MOST_QUERIES


class TestRoles:
    def test_only_curators_can_upload(self, client: Client, collection: Collection) -> None:
        viewer, reviewer = make_user(), make_user()
        Membership.objects.create(collection=collection, user=viewer, role=Membership.Role.VIEWER)
        Membership.objects.create(collection=collection, user=reviewer, role=Membership.Role.REVIEWER)
        for user in (viewer, reviewer):
            client.force_login(user)
            page = get_page(client, gallery(collection))
            assert page.all("upload-queue") == []
            assert "have not added photographs" in page.one(class_="empty").text
        client.force_login(collection.owner)
        page = get_page(client, gallery(collection))
        assert "multiple" in page.one("input", type="file").attributes
        assert "Add scans of damaged photographs" in page.one(class_="empty").text

    def test_strangers_and_staff_get_404(self, client: Client, collection: Collection) -> None:
        for stranger in (make_user(), make_user(is_staff=True, is_superuser=True)):
            client.force_login(stranger)
            assert client.get(gallery(collection)).status_code == 404
            assert client.get(changes(collection)).status_code == 404


class TestPolling:
    def test_brings_cards_and_counts_while_something_moves(
        self, signed_in: Client, collection: Collection
    ) -> None:
        photo = photo_in(collection, Status.RUNNING)
        report_progress(restoration=photo.restorations.get(), percent=40)
        response = signed_in.get(changes(collection, photo))
        assert response.status_code == 200
        page = Page(response.content.decode())
        card = card_of(page, photo)
        assert (card["hx-swap-oob"], card["data-announce"]) == ("true", "photo.png: Restoring")
        assert page.one("progress")["value"] == "40"
        assert page.one("input", name="active")["value"] == str(photo.pk)
        assert page.one("nav", id="gallery-filters")["hx-swap-oob"] == "true"

    def test_ends_when_nothing_moves_any_more(self, signed_in: Client, collection: Collection) -> None:
        photo = photo_in(collection, Status.DONE)
        response = signed_in.get(changes(collection, photo))
        assert response.status_code == 286
        page = Page(response.content.decode())
        assert "To review" in card_of(page, photo).text
        assert page.all("input", name="active") == []

    def test_gives_no_card_of_another_collection_nor_for_nonsense(
        self, signed_in: Client, collection: Collection, curator: User
    ) -> None:
        elsewhere = photo_in(make_collection(owner=curator), Status.RUNNING)
        foreign = photo_in(make_collection(), Status.RUNNING)
        response = signed_in.get(changes(collection, elsewhere, foreign) + "&active=nonsense")
        assert response.status_code == 286
        assert Page(response.content.decode()).all("li", class_="card") == []
