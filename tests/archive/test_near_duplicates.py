"""Photos that look alike are pointed out: copies and rescans are found, other pictures are not."""

import io

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageEnhance
from pytest_django import DjangoAssertNumQueries

from archive.finding.likeness import BANDS, MAX_DISTANCE, distance, near_bands, perceptual_hash
from archive.finding.near_duplicates import near_duplicates
from archive.models import Original, Photo
from tests import pictures
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db


def landscape(seed: int) -> Image.Image:
    """Broad patches of light, unlike those of every other seed."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize((640, 480), Image.Resampling.BICUBIC)


def look(image: Image.Image, tmp_path) -> int | None:
    path = tmp_path / "look.png"
    image.save(path)
    return perceptual_hash(path)


def test_every_near_hash_shares_a_band_but_for_one_bit() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        number = int(rng.integers(-(2**63), 2**63))
        other = number
        for bit in rng.choice(64, MAX_DISTANCE, replace=False):
            other ^= 1 << int(bit)
        other = other - 2**64 if other >= 2**63 else other
        assert distance(number, other) == MAX_DISTANCE
        values = [(other >> (band * 16)) & 0xFFFF for band in range(BANDS)]
        assert any(value in near for value, near in zip(values, near_bands(number), strict=True))


def test_copies_are_near_and_others_far(tmp_path) -> None:
    hashes = [look(landscape(seed), tmp_path) for seed in range(25)]
    assert None not in hashes
    apart = [distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(apart) > MAX_DISTANCE
    for seed, number in enumerate(hashes[:8]):
        image = landscape(seed)
        saved = io.BytesIO()
        image.save(saved, "JPEG", quality=40)
        for copy in (
            image.resize((200, 150)),
            Image.open(saved),
            ImageEnhance.Brightness(image).enhance(0.8),
            image.convert("L").convert("RGB"),
            image.crop((6, 4, 634, 476)),
        ):
            assert distance(number, look(copy, tmp_path)) <= MAX_DISTANCE


def test_a_blank_picture_looks_like_nothing(tmp_path) -> None:
    assert look(Image.new("RGB", (300, 200), (250, 250, 250)), tmp_path) is None


def photo_of(image: Image.Image, **fields) -> Photo:
    return make_photo(content=pictures.png(image), **fields)


def test_near_ones_are_found_among_those_that_one_may_see(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    curator = make_user()
    collection = make_collection(owner=curator)
    photo = photo_of(landscape(1), collection=collection)
    smaller = photo_of(landscape(1).resize((320, 240)), collection=collection, filename="smaller.png")
    same = make_photo(
        collection=make_collection(owner=curator), content=pictures.png(landscape(1)), filename="same.png"
    )
    photo_of(landscape(1).resize((330, 250)))  # somebody else's
    for seed in range(2, 6):
        photo_of(landscape(seed), collection=collection)
    with django_assert_num_queries(2):
        found = near_duplicates(photo, curator)
    assert [(near.photo, near.is_same_file) for near in found] == [(same, True), (smaller, False)]
    assert found[1].distance <= MAX_DISTANCE


def test_bands_follow_the_hash() -> None:
    photo = photo_of(landscape(3))
    original = Original.objects.get()
    assert original.perceptual_hash is not None
    bands = [getattr(original, f"hash_band_{band}") for band in range(BANDS)]
    assert bands == [(original.perceptual_hash >> (16 * band)) & 0xFFFF for band in range(BANDS)]
    assert photo.original == original


def test_the_page_and_the_api_point_them_out(client: Client) -> None:
    curator = make_user()
    collection = make_collection(owner=curator)
    photo = photo_of(landscape(1), collection=collection)
    smaller = photo_of(landscape(1).resize((320, 240)), collection=collection, filename="smaller.png")
    client.force_login(curator)
    page = client.get(reverse("restoration:photo_detail", args=[photo.pk])).content.decode()
    assert reverse("restoration:photo_detail", args=[smaller.pk]) in page
    (found,) = client.get(reverse("api:photo-alike", args=[photo.pk])).json()["results"]
    assert (found["photo"], found["is_same_file"]) == (str(smaller.pk), False)
    assert Photo.objects.count() == 2
