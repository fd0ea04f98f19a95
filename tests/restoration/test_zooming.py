"""Results in tiles: for those who may see them, made before somebody reviews, gone with the result."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.models import Membership
from archive.services import publish_collection
from archive.zooming.orders import make_wanted_tiles
from restoration.models import Restoration
from restoration.presentation.comparisons import comparison_of
from restoration.running.stored_files import result_file
from restoration.services import review_restoration, undo_reviews
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.stored import tiles_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def restoration(media_root: Path) -> Restoration:
    reviewer = make_user("reviewer")
    collection = make_collection(members={reviewer: Membership.Role.OWNER})
    content = pictures.jpeg(Image.new("RGB", (1700, 60), "teal"))
    return make_restoration(photo=make_photo(collection=collection, content=content), requested_by=reviewer)


def test_guests_zoom_into_what_is_approved_and_may_be_downloaded(
    client: Client, restoration: Restoration
) -> None:
    photo = restoration.photo
    owner = restoration.requested_by
    make_wanted_tiles(result_file(restoration))
    publish_collection(collection=photo.collection, actor=owner, is_public=True, public_downloads=False)
    addresses = [
        reverse("restoration:guest_result_zoom", args=[restoration.pk]),
        reverse("restoration:guest_result_zoom_tile", args=[restoration.pk, 11, 3, 0]),
    ]
    review_restoration(restoration=restoration, reviewer=owner, decision="approved")
    original = reverse("archive:guest_zoom", args=[photo.pk])
    assert [client.get(address).status_code for address in [*addresses, original]] == [404, 404, 404]
    shown = comparison_of(photo, restoration, for_guests=True, in_full=False)
    assert (shown["before"].zoom, shown["after"].zoom) == (None, None)

    publish_collection(collection=photo.collection, actor=owner, is_public=True, public_downloads=True)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    undo_reviews(restorations=[restoration.pk], actor=owner)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    shown = comparison_of(photo, restoration, for_guests=True)
    assert shown["after"].zoom == addresses[0]
    assert shown["before"].zoom == original
    assert shown["layers"] == []


def test_the_photo_page_names_the_descriptors_of_large_pictures_only(
    restoration: Restoration,
) -> None:
    shown = comparison_of(restoration.photo, restoration)
    assert shown["before"].zoom == reverse("archive:zoom", args=[restoration.photo_id])
    assert shown["after"].zoom == reverse("restoration:result_zoom", args=[restoration.pk])
    small = make_restoration()
    shown = comparison_of(small.photo, small)
    assert shown["before"].zoom is shown["after"].zoom is None


def test_tiles_go_with_the_result(restoration: Restoration, django_capture_on_commit_callbacks) -> None:
    make_wanted_tiles(result_file(restoration))
    tiles = tiles_path(restoration.result_sha256)
    assert tiles.exists()
    with django_capture_on_commit_callbacks(execute=True):
        restoration.delete()
    assert not tiles.exists()


def test_command_makes_the_tiles_of_results_too(
    restoration: Restoration, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("zoom_tiles", "make")
    assert capsys.readouterr().out == "2 made, 0 failed\n"
    assert tiles_path(restoration.result_sha256).exists()
    assert tiles_path(restoration.original_sha256).exists()
