"""The Image API 3.0: IIIF's own validator, and what it does not ask."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from iiif_validator import validator
from PIL import Image

from archive.access.scopes import Scope
from archive.errors import InputError
from archive.files.storage import Area, StoredFile
from archive.iiif import rendering
from archive.iiif.parameters import MAX_AREA, MAX_SIDE, largest, read_request
from archive.models import Collection, Photo
from archive.services import create_api_token, publish_collection
from archive.zooming.orders import TilesState, make_wanted_tiles
from tests import pictures
from tests.archive.camera_files import TELLING, telling_jpeg
from tests.archive.iiif_pictures import squares_png, urllib_by
from tests.factories import make_collection, make_photo, make_user
from tests.stored import stored_path

pytestmark = pytest.mark.django_db

# Level 3 is the validator's word for what is optional; of that, this is on offer.
OPTIONAL = {"linkheader_canonical", "linkheader_profile", "rot_mirror", "rot_mirror_180"}
# It wants "!w,h" refused where w and h are larger than the picture. The API as it was passed asks for the
# picture as it is: https://iiif.io/api/image/3.0/#42-size. What else it asks there is asked below.
WRONG = {"size_noup"}


def image(photo: Photo, rest: str, *, name: str = "") -> str:
    return f"{reverse('iiif:image', args=[name or f'original-{photo.pk}'])}/{rest}"


def fetched(client: Client, address: str, **headers: str) -> Image.Image:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, response.content
    return pictures.opened(response.content)


def owner_of(photo: Photo) -> Client:
    client = Client()
    client.force_login(photo.collection.owner)
    return client


def test_the_validator_finds_nothing_wrong() -> None:
    photo = make_photo(content=squares_png())
    suite = validator.TestSuite(validator.ValidationInfo())
    wanted = {
        name
        for name, about in suite.list_tests("3.0").items()
        if (about["level"] <= 2 or name in OPTIONAL) and name not in WRONG
    }
    assert len(wanted) >= 30
    wrong = {}
    with urllib_by(owner_of(photo)):
        for name in sorted(wanted):
            service = validator.ImageAPI(
                f"original-{photo.pk}", "testserver", "iiif/image", version="3.0", debug=False
            )
            suite.run_test(name, service)
            if service.exception:
                wrong[name] = (service.urls, service.exception.message, service.exception.got)
    assert not wrong


def test_nothing_is_enlarged_and_confining_a_small_picture_gives_it_as_it_is() -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(100, 50)))
    client = owner_of(photo)
    for size in ("101,", ",51", "pct:101", "100,51", "^200,", "0,", ",", "pct:0", "max,", "full"):
        response = client.get(image(photo, f"full/{size}/0/default.jpg"))
        assert (response.status_code, response.json()["code"]) == (400, "archive:iiif:size"), size
    assert fetched(client, image(photo, "full/!2000,3000/0/default.png")).size == (100, 50)


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("100,0,5,5/max/0/default.jpg", "region"),
        ("0,0,0,5/max/0/default.jpg", "region"),
        ("pct:0,0,0,10/max/0/default.jpg", "region"),
        ("1,2,3/max/0/default.jpg", "region"),
        (f"0,0,{'9' * 60},5/max/0/default.jpg", "region"),
        ("full/max/45/default.jpg", "rotation"),
        ("full/max/450/default.jpg", "rotation"),
        ("full/max/0/sepia.jpg", "quality"),
        ("full/max/0/default.gif", "format"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_code(rest: str, code: str) -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(100, 50)))
    response = owner_of(photo).get(image(photo, rest))
    assert (response.status_code, response.json()["code"]) == (400, f"archive:iiif:{code}")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_region_is_the_upright_pictures(orientation: int) -> None:
    upright = pictures.gradient(120, 80)
    photo = make_photo(content=pictures.rotated_jpeg(orientation, upright), filename="turned.jpg")
    client = owner_of(photo)
    corner = fetched(client, image(photo, "10,5,60,40/max/0/default.png"))
    differs = np.abs(np.asarray(corner, int) - np.asarray(upright.crop((10, 5, 70, 45)), int))
    assert differs.max() <= 6
    small = fetched(client, image(photo, "60,40,60,40/30,20/0/default.png"))
    expected = upright.crop((60, 40, 120, 80)).resize((30, 20), Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(small, int) - np.asarray(expected, int)).max() <= 8


def test_a_picture_is_mirrored_first_and_then_turned() -> None:
    upright = pictures.gradient(60, 40)
    photo = make_photo(content=pictures.png(upright))
    turned = fetched(owner_of(photo), image(photo, "full/max/!90/default.png"))
    expected = upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT).transpose(Image.Transpose.ROTATE_270)
    assert np.array_equal(np.asarray(turned), np.asarray(expected))


def test_qualities_and_formats() -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(60, 40)))
    client = owner_of(photo)
    assert fetched(client, image(photo, "full/max/0/gray.png")).mode == "L"
    assert fetched(client, image(photo, "full/max/0/bitonal.png")).mode == "1"
    for format, name in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")):
        assert fetched(client, image(photo, f"full/30,/0/color.{format}")).format == name


def test_a_wide_profiles_colours_are_those_of_the_thumbnail() -> None:
    """Adobe RGB's 200, 60, 60 is a stronger red in sRGB, by the same path as thumbnails."""
    photo = make_photo(content=telling_jpeg(), filename="camera.jpg")
    client = owner_of(photo)
    from archive.files.renditions import open_oriented

    seen = open_oriented(stored_path(Area.ORIGINALS, photo.original.sha256))
    got = fetched(client, image(photo, "full/max/0/default.png"))
    assert np.array_equal(np.asarray(got), np.asarray(seen))


@pytest.mark.parametrize("format", ["jpg", "png", "webp"])
def test_nothing_of_the_camera_leaves(format: str) -> None:
    photo = make_photo(content=telling_jpeg(), filename="camera.jpg")
    response = owner_of(photo).get(image(photo, f"full/max/0/default.{format}"))
    assert response.status_code == 200
    assert TELLING not in response.content
    assert b"Exif" not in response.content
    assert b"ICC_PROFILE" not in response.content
    assert not pictures.opened(response.content).getexif()


def test_tiles_give_the_same_picture_as_the_file() -> None:
    """Anywhere, in any size, across the seams of tiles."""
    upright = pictures.portrait(1700, 900)
    photo = make_photo(content=pictures.rotated_jpeg(6, upright), filename="turned.jpg")
    client = owner_of(photo)
    asked = [
        "500,100,1100,700/550,350",
        "0,0,1700,900/1630,863",
        "1023,511,3,3/max",
        "1300,500,400,400/101,101",
    ]
    from_file = [fetched(client, image(photo, f"{each}/0/default.png")) for each in asked]
    assert make_wanted_tiles(StoredFile(Area.ORIGINALS, photo.original.sha256)) is TilesState.READY
    for rest, expected in zip(asked, from_file, strict=True):
        got = fetched(client, image(photo, f"{rest}/0/default.png"))
        assert got.size == expected.size
        differs = np.abs(np.asarray(got, int) - np.asarray(expected, int))
        assert differs.mean() < 2.5, rest
        assert np.quantile(differs, 0.999) < 30, rest


def test_tiles_are_made_when_a_viewer_asks_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ordered: list[StoredFile] = []
    monkeypatch.setattr(rendering, "wanted_tiles", ordered.append)
    photo = make_photo(content=pictures.png(pictures.gradient(1700, 100)))
    client = owner_of(photo)
    info = client.get(image(photo, "info.json")).json()
    assert ordered == [StoredFile(Area.ORIGINALS, photo.original.sha256)]
    assert (info["width"], info["height"]) == (1700, 100)
    assert info["tiles"] == [{"width": 512, "scaleFactors": [1, 2, 4]}]
    assert {"width": 425, "height": 25} in info["sizes"]


def test_a_large_picture_of_a_rare_kind_waits_for_its_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoded whole, it would cost a web process more memory than one request may."""
    monkeypatch.setattr(rendering, "_MOST_DECODED_WHOLE", 1000)
    photo = make_photo(content=pictures.float_tiff(1700, 100), filename="deep.tif")
    client = owner_of(photo)
    monkeypatch.setattr(rendering, "wanted_tiles", lambda _source: TilesState.WAITING)
    address = image(photo, "0,0,1700,50/max/0/default.png")
    response = client.get(address)
    assert (response.status_code, response.json()["code"]) == (503, "archive:iiif:busy")
    assert response["Retry-After"] == "3"
    assert fetched(client, image(photo, "full/400,/0/default.png")).size == (400, 24)
    make_wanted_tiles(StoredFile(Area.ORIGINALS, photo.original.sha256))
    assert fetched(client, address).size == (1700, 50)


def test_no_answer_is_larger_than_the_limits() -> None:
    for picture in ((15_000, 10_000), (60_000, 2_000), (2_000, 70_000), (5_000, 5_000)):
        width, height = largest(*picture)
        assert max(width, height) <= MAX_SIDE
        assert width * height <= MAX_AREA
        assert math.isclose(width / height, picture[0] / picture[1], rel_tol=0.01)
        asked = {"region": "full", "rotation": "0", "quality": "default", "format": "jpg"}
        assert read_request(picture=picture, size="max", **asked).canonical == "full/max/0/default.jpg"
        assert read_request(picture=picture, size="!99999,99999", **asked).width == width
    with pytest.raises(InputError):
        read_request(picture=(15_000, 10_000), size="15000,10000", **asked)


def test_guests_get_no_more_pixels_than_their_pages_show() -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(2000, 1000)))
    publish_collection(collection=photo.collection, actor=photo.collection.owner, is_public=True)
    client = Client()
    assert client.get(image(photo, "full/max/0/default.jpg")).status_code == 404
    assert client.get(image(photo, "info.json")).status_code == 404
    preview = f"original-{photo.pk}-preview"
    info = client.get(image(photo, "info.json", name=preview)).json()
    assert (info["width"], info["height"]) == (1600, 800)
    assert fetched(client, image(photo, "full/max/0/default.jpg", name=preview)).size == (1600, 800)
    assert client.get(image(photo, "full/1700,/0/default.jpg", name=preview)).status_code == 400
    assert fetched(client, image(photo, "800,400,800,400/max/0/default.jpg", name=preview)).size == (800, 400)
    publish_collection(
        collection=photo.collection, actor=photo.collection.owner, is_public=True, public_downloads=True
    )
    assert fetched(client, image(photo, "full/max/0/default.jpg")).size == (2000, 1000)


def test_caches_keep_for_all_what_all_may_see_and_nothing_else() -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(400, 300)))
    address = image(photo, "full/max/0/default.jpg", name=f"original-{photo.pk}-preview")
    member = owner_of(photo)
    private = member.get(address)
    assert private["Cache-Control"] == "private, max-age=3600"
    publish_collection(collection=photo.collection, actor=photo.collection.owner, is_public=True)
    public = Client().get(address)
    assert public["Cache-Control"] == "public, max-age=3600"
    assert {"Cookie", "Authorization"} <= {each.strip() for each in public["Vary"].split(",")}
    again = Client().get(address, headers={"If-None-Match": public["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # Another way of asking for the same is the same.
    same = address.replace("full/max", "0,0,400,300/400,").replace("default", "color")
    assert Client().get(same)["ETag"] == public["ETag"]
    assert Client().get(same)["Link"].startswith(f'<http://testserver{address}>;rel="canonical"')


def test_a_token_opens_what_its_owner_sees_and_any_site_may_send_one() -> None:
    photo = make_photo()
    owner: Any = photo.collection.owner
    address = image(photo, "info.json")

    def status(**token: Any) -> int:
        _token, key = create_api_token(user=owner, name="viewer", **token)
        return Client().get(address, headers={"Authorization": f"Token {key}"}).status_code

    elsewhere: Collection = make_collection(owner=owner)
    assert status(scopes=[Scope.READ]) == 200
    assert status(scopes=[Scope.UPLOAD]) == 403
    assert status(scopes=[Scope.READ], collections=[elsewhere]) == 404
    asked = Client().options(address)
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert asked["Access-Control-Allow-Headers"] == "Authorization"
    assert "Access-Control-Allow-Credentials" not in asked
    stranger = Client()
    stranger.force_login(make_user())
    refused = stranger.get(address)
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (404, "*")


def test_names_that_are_nobodys() -> None:
    photo = make_photo()
    client = owner_of(photo)
    for name in ("original", "original-x", f"Original-{photo.pk}", f"original-{str(photo.pk).upper()}", "x"):
        assert client.get(image(photo, "info.json", name=name)).status_code == 404, name
