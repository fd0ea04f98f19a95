"""A database with as many rows as a large archive has, and no files but one thumbnail: made in minutes."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from PIL import Image

from archive.files.renditions import rendition_path
from archive.finding.keeping import create_triggers, drop_triggers, rebuild_catalogue
from archive.models import Collection, Original, Photo, Rendition, Tag
from archive.services import create_collection
from restoration.models import ModelVersion, Restoration

PARTS, STRANGERS, TAGS = 20, 100, 200
LEVELS = ("light", "medium", "heavy")
BATCH = 2_000
FONDS = "The fonds"
RESULT = "f" * 64
"""The SHA-256 that every result has here: the one thumbnail that there is."""

COMMON = (
    "portrait",
    "family",
    "street",
    "wedding",
    "harbour",
    "market",
    "school",
    "river",
    "temple",
    "train",
)
PLACES = ("Solo", "Yogyakarta", "Semarang", "Bandung", "Batavia", "Surabaya", "Medan", "Padang")
STATES = ("approved",) * 6 + ("unreviewed",) * 8 + ("rejected",) * 2 + ("failed",) * 2 + ("queued", "none")


@dataclass(frozen=True)
class LargeArchive:
    """`fonds` holds nine tenths of the photos, its parts the rest; `owner` owns both, strangers all else."""

    owner: User
    fonds: Collection
    photos: int
    restorations: int


def make_archive(*, photos: int, restorations: int, seed: int = 1) -> LargeArchive:
    """Fill the empty database. Titles, dates and states are drawn; every title has the word "photograph"."""
    rng = random.Random(seed)
    owner, *others = (User.objects.create_user(name) for name in ("owner", "first", "second", "third"))
    fonds = create_collection(owner=owner, title=FONDS)
    parts = [create_collection(owner=owner, title=f"Part {n}", parent=fonds) for n in range(PARTS)]
    strange = [create_collection(owner=others[n % 3], title=f"Other {n}") for n in range(STRANGERS)]
    drop_triggers()
    tags = [Tag(name=f"tag {n}", key=f"tag {n}") for n in range(TAGS)]
    Tag.objects.bulk_create(tags)
    homes = [fonds] * 9 * PARTS + parts
    rows = [_photo(rng, number, homes[number % len(homes)], owner) for number in range(photos)]
    rows += [_photo(rng, photos + n, strange[n % STRANGERS], others[n % 3]) for n in range(photos // 20)]
    _store(Original, (photo.original for photo in rows))
    _store(Photo, rows)
    _store(Photo.tags.through, _tagged(rng, rows, tags))
    model = _model(owner)
    made = _restorations(rng, rows, model, owner, restorations)
    _store(Restoration, made)
    create_triggers()
    rebuild_catalogue()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself after a while
    return made_archive()


def made_archive() -> LargeArchive:
    """The archive that `make_archive` made in this database."""
    _one_thumbnail()
    owner, fonds = User.objects.get(username="owner"), Collection.objects.get(title=FONDS)
    return LargeArchive(owner, fonds, Photo.objects.count(), Restoration.objects.count())


def _store(model: Any, rows: Iterable[Any]) -> None:
    rest: Iterator[Any] = iter(rows)
    while batch := list(islice(rest, BATCH)):
        model.objects.bulk_create(batch)


def _photo(rng: random.Random, number: int, collection: Collection, owner: User) -> Photo:
    year = rng.randrange(1870, 1990)
    dated = rng.random() < 0.7
    original = Original(
        sha256=f"{number:064x}", byte_size=40_000_000, media_type=rng.choice(("image/tiff", "image/jpeg")),
        width=4000, height=3000,
    )  # fmt: skip
    return Photo(
        collection=collection,
        original=original,
        filename=f"scan_{number:06}.tif",
        title=f"Photograph of a {rng.choice(COMMON)} {'and a ' + rng.choice(COMMON) if number % 3 else ''}",
        description=" ".join(rng.choices(COMMON, k=12)),
        creator=f"Photographer {int(rng.paretovariate(0.7)) % 3000}",
        place=rng.choice(PLACES),
        call_number=f"A.{number // 1000}.{number % 1000}",
        date_edtf=str(year) if dated else "",
        date_earliest=date(year, 1, 1) if dated else None,
        date_latest=date(year, 12, 31) if dated else None,
        uploaded_by=owner,
    )


def _tagged(rng: random.Random, photos: Iterable[Photo], tags: list[Tag]) -> Iterator[Any]:
    through = Photo.tags.through
    for photo in photos:
        for tag in rng.sample(tags, 2):
            yield through(photo_id=photo.pk, tag_id=tag.pk)


def _model(owner: User) -> ModelVersion:
    return ModelVersion.objects.create(
        name="large", version="1", weights_path="nowhere", weights_sha256="a" * 64, card="x" * 20_000
    )


def _restorations(
    rng: random.Random, photos: list[Photo], model: ModelVersion, owner: User, number: int
) -> Iterator[Restoration]:
    for index in range(number):
        photo = photos[index % len(photos)]
        state = STATES[index % len(STATES)] if index >= number - len(photos) else "rejected"
        if state == "none":
            continue
        status = {"failed": "failed", "queued": "queued"}.get(state, "done")
        done = status == "done"
        yield Restoration(
            photo=photo, requested_by=owner, model_version=model, original_sha256=photo.original.sha256,
            status=status, review_state=state if done else "unreviewed",
            error_code="restoration:result:unknown" if status == "failed" else "",
            result_sha256=RESULT if done else "", result_width=4000, result_height=3000,
            share_damaged=rng.random() ** 3 if done else None, invention=rng.random() * 8 if done else None,
            change_report={"level": rng.choice(LEVELS), "share_changed": 0.1} if done else {},
        )  # fmt: skip


def _one_thumbnail() -> None:
    path = rendition_path(RESULT, Rendition.Kind.THUMBNAIL)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (320, 240)).save(path, "WEBP")
