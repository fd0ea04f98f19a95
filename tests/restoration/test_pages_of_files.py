"""A file of several pages: each can be looked at, beside its restoration and with its layers, by those who
may see the photo; on the photo's page, and over REST.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.files.storage import Area, StoredFile
from archive.models import Photo, Rendition
from archive.services import purge_photo
from archive.zooming.orders import TilesState, make_wanted_tiles
from restoration.models import ModelVersion, Restoration
from restoration.running.stored_files import Kept
from restoration.tasks import run_restoration
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.html_page import Element, get_page
from tests.restoration.api_client import client_of
from tests.stored import kept_path, result_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_version")]

SIZES = [(128, 160), (200, 120), (60, 90)]
"""Width and height, upright. The second lies on its side in the file, and a preview stands before it."""
ON_ITS_SIDE = 6


def book() -> bytes:
    file = io.BytesIO()
    first, second, third = (
        np.asarray(pictures.scratched(pictures.portrait(*size, seed=seed))) for seed, size in enumerate(SIZES)
    )
    with tifffile.TiffWriter(file) as tiff:
        tiff.write(first, photometric="rgb")
        tiff.write(first[::4, ::4], photometric="rgb", subfiletype=1)
        lying = np.ascontiguousarray(np.rot90(second))
        tiff.write(lying, photometric="rgb", extratags=[(274, "H", 1, ON_ITS_SIDE, False)])
        tiff.write(third[..., 0].astype(np.uint16) * 257, photometric="minisblack", compression="zlib")
    return file.getvalue()


@pytest.fixture
def photo(db: None, media_root: Path) -> Photo:
    owner = make_user("sri")
    return make_photo(collection=make_collection(owner=owner), content=book(), filename="album.tif")


@pytest.fixture
def restored(photo: Photo, model_version: ModelVersion) -> Restoration:
    restoration = make_restoration(photo=photo, status=Restoration.Status.QUEUED)
    assert run_restoration(str(restoration.pk)) == "done"
    restoration.refresh_from_db()
    return restoration


def page_of(path: Path, number: int) -> np.ndarray:
    with tifffile.TiffFile(path) as file:
        samples: np.ndarray = file.pages[number].asarray()
    return samples


def shown(client: Client, address: str) -> Image.Image:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    content = answer.getvalue() if answer.streaming else answer.content
    return Image.open(io.BytesIO(content))


def difference(one: Image.Image, other: np.ndarray) -> float:
    return float(np.abs(np.asarray(one.convert("RGB"), float) - other).mean())


class TestOverRest:
    def test_each_page_is_shown_beside_its_restoration(self, restored: Restoration) -> None:
        client = client_of(restored.photo.uploaded_by)
        for number, size in enumerate(SIZES, 1):
            for address in (
                reverse("api:photo-rendition", args=[restored.photo_id, "web"]),
                reverse("api:restoration-rendition", args=[restored.pk, "web"]),
            ):
                assert shown(client, f"{address}?page={number}").size == size
        upright = np.rot90(page_of(result_path(restored), 1), -1)
        address = reverse("api:restoration-rendition", args=[restored.pk, "web"])
        assert difference(shown(client, f"{address}?page=2"), upright) < 6

    def test_layers_of_a_page_are_what_was_changed_on_it(self, restored: Restoration) -> None:
        client = client_of(restored.photo.uploaded_by)
        original = kept_original(restored)
        share = np.rot90(page_of(kept_path(restored, Kept.REPAIR), 1)[..., -1], -1)
        before, after = page_of(original, 2).astype(int), page_of(result_path(restored), 1).astype(int)
        change = np.rot90(np.abs(before - after).max(axis=2), -1)
        assert share.any()
        assert change.any()
        for kind, expected in ((Kept.MASK, share), (Kept.CHANGE, change)):
            address = reverse("api:restoration-layer", args=[restored.pk, kind.value])
            layer = shown(client, f"{address}?page=2")
            assert layer.mode == "L"
            assert np.array_equal(np.asarray(layer), expected)
        # 16 bits are shown as 8.
        address = reverse("api:restoration-layer", args=[restored.pk, "mask"])
        share = page_of(kept_path(restored, Kept.REPAIR), 2)[..., -1] // 257
        assert np.array_equal(np.asarray(shown(client, f"{address}?page=3")), share)
        for kind in (Kept.INVENTION, Kept.REPAIR):
            address = reverse("api:restoration-layer", args=[restored.pk, kind.value])
            assert client.get(f"{address}?page=2").status_code == 404

    @pytest.mark.parametrize("page", ["0", "4", "-1", "two", "", "1e3", "99999999"])
    def test_a_page_that_there_is_not(self, photo: Photo, page: str) -> None:
        client = client_of(photo.uploaded_by)
        address = reverse("api:photo-rendition", args=[photo.pk, "web"])
        assert client.get(f"{address}?page={page}").status_code == 404

    def test_whoever_may_not_see_the_photo_sees_no_page(self, restored: Restoration) -> None:
        stranger = client_of(make_user("stranger"))
        for address in (
            reverse("api:photo-rendition", args=[restored.photo_id, "web"]),
            reverse("api:restoration-rendition", args=[restored.pk, "web"]),
            reverse("api:restoration-layer", args=[restored.pk, "mask"]),
        ):
            assert stranger.get(f"{address}?page=2").status_code == 404


def is_way(link: Element) -> bool:
    """Whether it leads to another page of the file."""
    return "data-file-page" in link.attributes


def kept_original(restoration: Restoration) -> Path:
    with StoredFile(Area.ORIGINALS, restoration.original_sha256).local_copy() as path:
        return path


class TestOnThePage:
    def test_the_page_of_the_file_stands_in_the_address(self, client: Client, restored: Restoration) -> None:
        client.force_login(restored.photo.uploaded_by)
        address = reverse("restoration:photo_detail", args=[restored.photo_id])
        page = get_page(client, f"{address}?page=2")
        viewer = page.one("picture-viewer")
        assert viewer["data-left"].endswith("/renditions/web/?page=2")
        assert viewer["data-right"].endswith("/renditions/web/?page=2")
        assert (viewer["data-width"], viewer["data-height"]) == ("200", "120")
        ways = {link["rel"]: link["href"] for link in page.all("a", class_="button") if is_way(link)}
        assert ways == {
            "prev": f"{address}?version={restored.pk}",
            "next": f"{address}?version={restored.pk}&page=3",
        }
        layers = [each["src"] for each in page.all("img") if "/kept/" in each["src"]]
        assert [each.partition("/kept/")[2] for each in layers] == ["mask/?page=2", "change/?page=2"]
        for picture in (viewer["data-left"], viewer["data-right"], *layers):
            assert shown(client, picture).size == (200, 120)
        report = page.one("section", id="report").text
        assert "What was changed on page 2" in report
        assert "of the file's 3 pages were repaired." in report
        assert client.get(f"{address}?page=4").status_code == 404

    def test_the_first_page_needs_no_number(self, client: Client, restored: Restoration) -> None:
        client.force_login(restored.photo.uploaded_by)
        page = get_page(client, reverse("restoration:photo_detail", args=[restored.photo_id]))
        assert page.one("picture-viewer")["data-left"].endswith("/renditions/web/")
        assert "Page 1 of 3" in page.one("nav", class_="file-pages")["data-turned"]
        assert "Marks hold for the first page" in page.one("damage-brush").text

    def test_of_one_page_nothing_is_said(self, client: Client) -> None:
        photo = make_photo()
        client.force_login(photo.uploaded_by)
        page = get_page(client, reverse("restoration:photo_detail", args=[photo.pk]))
        assert page.all("nav", class_="file-pages") == []


class TestStored:
    def test_tiles_are_those_of_the_page(self, client: Client, photo: Photo) -> None:
        client.force_login(photo.uploaded_by)
        source = StoredFile(Area.ORIGINALS, photo.original.sha256)
        assert make_wanted_tiles(source, 2) is TilesState.READY
        descriptor = client.get(f"{reverse('archive:zoom', args=[photo.pk])}?page=2")
        assert b'Width="200"' in descriptor.content
        tile = reverse("archive:zoom_tile", args=[photo.pk, 8, 0, 0])
        assert shown(client, f"{tile}?page=2").size == (200, 120)
        assert client.get(tile).status_code == 404
        assert client.get(f"{reverse('archive:zoom', args=[photo.pk])}?page=4").status_code == 404

    def test_everything_of_a_page_goes_with_the_photo(
        self, restored: Restoration, media_root: Path, django_capture_on_commit_callbacks
    ) -> None:
        client = client_of(restored.photo.uploaded_by)
        for address in (
            reverse("api:photo-rendition", args=[restored.photo_id, Rendition.Kind.THUMBNAIL]),
            reverse("api:restoration-rendition", args=[restored.pk, "web"]),
            reverse("api:restoration-layer", args=[restored.pk, "change"]),
        ):
            assert client.get(f"{address}?page=2").status_code == 200
        make_wanted_tiles(StoredFile(Area.ORIGINALS, restored.original_sha256), 2)
        assert list(media_root.rglob("*-page-2*"))
        with django_capture_on_commit_callbacks(execute=True):
            purge_photo(photo=restored.photo)
        assert list(media_root.rglob("*-page-*")) == []
