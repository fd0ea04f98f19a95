"""A database with as many rows as a large archive has, and no files but one thumbnail: made in minutes.

Every photo and every restoration has an event, in one chain, and what was decided its review. There are runs
of fixity checks with findings, and batches of requests.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from PIL import Image

from archive.finding.keeping import create_triggers, drop_triggers, rebuild_catalogue
from archive.models import Collection, FixityFinding, FixityRun, Original, Photo, Rendition, Tag
from archive.services import NewEvent, create_collection, record_events
from restoration.models import ModelVersion, RequestBatch, Restoration, Review
from tests.stored import rendition_path

PARTS, STRANGERS, TAGS = 20, 100, 200
LEVELS = ("light", "medium", "heavy")
BATCH = 2_000
RUNS, FINDINGS, BATCHES = 400, 200, 300
"""Of fixity checks: a year of nights, and what they found; of requests."""
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
    """`fonds` holds nine tenths of the photos, its parts the rest. `owner`, who is staff, owns both, and
    strangers all else.
    """

    owner: User
    fonds: Collection
    photos: int
    restorations: int


def make_archive(*, photos: int, restorations: int, seed: int = 1) -> LargeArchive:
    """Fill the empty database. Titles, dates and states are drawn; every title has the word "photograph"."""
    rng = random.Random(seed)
    owner, *others = (User.objects.create_user(name) for name in ("owner", "first", "second", "third"))
    User.objects.filter(pk=owner.pk).update(is_staff=True)
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
    _store(Rendition, (_rendition(photo.original, kind) for photo in rows for kind in Rendition.Kind))
    _store(Photo, rows)
    _store(Photo.tags.through, _tagged(rng, rows, tags))
    model = _model(owner)
    _store(Restoration, _restorations(rng, rows, model, owner, restorations))
    _store(Review, _reviews(owner))
    _store_events(rows)
    _make_fixity_log(rows)
    _store(RequestBatch, (RequestBatch(person=owner, closed_at=timezone.now()) for _ in range(BATCHES)))
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
        width=4000, height=3000, perceptual_hash=rng.getrandbits(63), colour="#a08560",
        embedded={"exif": {"Make": "Nikon", "Model": "Coolscan", "DateTimeOriginal": "2024:03:01 10:00"}},
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


def _rendition(original: Original, kind: str) -> Rendition:
    return Rendition(original=original, kind=kind, width=320, height=240, byte_size=20_000)


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
            photo=photo, requested_by=owner, original_sha256=photo.original.sha256,
            status=status, review_state=state if done else "unreviewed",
            error_code="restoration:result:unknown" if status == "failed" else "",
            **(_found(rng, model) if done else {}),
        )  # fmt: skip


def _found(rng: random.Random, model: ModelVersion) -> dict[str, Any]:
    """What a restoration that is done has besides."""
    damaged, now = rng.random() ** 3, timezone.now()
    changes = {
        "pixels": 12_000_000, "share_changed": 0.1, "share_damaged": damaged, "share_inside": damaged,
        "mean_change": 2.5, "max_change": 200.0, "mean_change_inside": 25.0, "max_change_inside": 200.0,
        "mean_change_outside": 0.0, "max_change_outside": 0.0, "share_stark": 0.001,
        "level": rng.choice(LEVELS),
    }  # fmt: skip
    more = {"format": "tiff", "seconds": 40.0, "peak_memory_bytes": 10**9, "invention": 2.5, "notes": []}
    return {
        "model_version": model, "code_version": "sources-sha256:0123456789abcdef",
        "parameters": {
            "device": "cpu", "engine": "openvino", "quick": False, "tile": 1536, "overlap": 64, "threads": 2,
            "coarse": 512, "versions": {"torch": "2.0.0", "numpy": "2.0.0", "openvino": "2025.0"},
            "invention_passes": 8,
        },
        "result_sha256": RESULT, "result_media_type": "image/tiff", "result_byte_size": 40_000_000,
        "result_width": 4000, "result_height": 3000,
        "repair_sha256": f"{rng.getrandbits(256):064x}", "repair_byte_size": 4_000_000,
        "layers": {name: f"{rng.getrandbits(256):064x}" for name in ("mask", "change", "invention")},
        "share_damaged": damaged, "invention": rng.random() * 8, "peak_memory_bytes": 10**9,
        "change_report": changes | {"pages": [changes]} | more,
        "started_at": now, "finished_at": now,
    }  # fmt: skip


def _reviews(reviewer: User) -> Iterator[Review]:
    for restoration in Restoration.objects.iterator(BATCH):
        if restoration.review_state != Restoration.ReviewState.UNREVIEWED:
            reason = "seams" if restoration.review_state == Restoration.ReviewState.REJECTED else ""
            yield Review(
                restoration=restoration,
                reviewer=reviewer,
                decision=restoration.review_state,
                reason=reason,
            )


def _store_events(photos: Iterable[Photo]) -> None:
    came = (
        NewEvent(
            kind="photo-ingested", collection=photo.collection, photo=photo, actor=photo.uploaded_by,
            details={"photo": str(photo.pk), "filename": photo.filename, "sha256": photo.original.sha256},
        )
        for photo in photos
    )  # fmt: skip
    ended = (
        NewEvent(
            kind=f"restoration-{restoration.status}",
            collection=restoration.photo.collection,
            photo=restoration.photo,
            details={"restoration": str(restoration.pk), "attempt": 1},
        )
        for restoration in Restoration.objects.select_related("photo__collection").iterator(BATCH)
        if restoration.status != Restoration.Status.QUEUED
    )
    for events in (came, ended):
        while batch := list(islice(events, BATCH)):
            record_events(events=batch)


@transaction.atomic
def _make_fixity_log(photos: list[Photo]) -> None:
    now = timezone.now()
    runs = [
        FixityRun(scope=FixityRun.Scope.SLICE, finished_at=now - timedelta(days=n), file_count=3_000)
        for n in range(RUNS)
    ]
    FixityRun.objects.bulk_create(runs)
    findings = [
        FixityFinding(run=runs[n % RUNS], kind=FixityFinding.Kind.CHANGED, path=f"originals/{n}", seen_at=now)
        for n in range(FINDINGS)
    ]
    FixityFinding.objects.bulk_create(findings)
    for number, finding in enumerate(findings):
        finding.photos.add(photos[number])


def _one_thumbnail() -> None:
    path = rendition_path(RESULT, Rendition.Kind.THUMBNAIL)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (320, 240)).save(path, "WEBP")
