"""Photographs taken into an installation, and what they came to: bytes by kind of file, time by step.

For use within it: `manage.py shell -c "from benchmarks.contents import ..."`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import psutil
from django.contrib.auth.models import User
from PIL import Image
from skimage import data

from archive.files.renditions import rendition_file
from archive.files.storage import StoredFile
from archive.models import Collection, Rendition
from archive.services import create_collection, remake_renditions
from archive.zooming.keeping import make_missing_tiles
from archive.zooming.pyramids import tiles_file
from restoration.models import Restoration
from restoration.registry.registration import register_shipped_model
from restoration.running.stored_files import Kept, files_of, kept_as, result_file
from restoration.services import request_restorations
from tests.factories import make_photo
from tests.pictures import encoded, scratched

ALBUM, WARM = "Album", "Warm"
KINDS: dict[str, dict[str, Any]] = {"jpeg": {"format": "JPEG", "quality": 92}, "tiff": {"format": "TIFF"}}
_PHOTOGRAPHS = ("coffee", "chelsea", "rocket", "astronaut")
_GRAIN = 4.0  # grey levels


def take_in(*, photos: int, megapixels: float, small_megapixels: float) -> dict[str, float]:
    """The shipped model, so many photographs of every kind, and two small ones for workers to begin with.

    Seconds of processor time that a photo's ingest took, its renditions with it, and these alone once more.
    """
    register_shipped_model()
    owner = User.objects.create_user("siti")
    warm, album = (create_collection(owner=owner, title=each, auto_restore=False) for each in (WARM, ALBUM))
    for number in range(2):
        content = encoded(photograph(number, small_megapixels), **KINDS["jpeg"])
        make_photo(collection=warm, content=content, filename=f"{number}.jpeg")
    took: Counter[str] = Counter()
    for kind, options in KINDS.items():
        for number in range(photos):
            content = encoded(photograph(number, megapixels), **options)
            before = computed()
            photo = make_photo(collection=album, content=content, filename=f"{number}.{kind}")
            received = computed()
            remake_renditions(original=photo.original)
            took["ingest"] += received - before
            took["renditions"] += computed() - received
    return {step: seconds / (photos * len(KINDS)) for step, seconds in took.items()}


def photograph(number: int, megapixels: float) -> Image.Image:
    """One of scikit-image's photographs, enlarged, with grain and scratches; each number gives another."""
    name = _PHOTOGRAPHS[number % len(_PHOTOGRAPHS)]
    small = Image.fromarray(getattr(data, name)()).convert("RGB")
    scale = (megapixels * 1e6 / (small.width * small.height)) ** 0.5
    large = small.resize((round(small.width * scale), round(small.height * scale)), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(number).normal(0, _GRAIN, (large.height, large.width, 1))
    grained = np.clip(np.asarray(large, dtype=np.float32) + grain, 0, 255)
    return scratched(Image.fromarray(grained.astype(np.uint8)), seed=number)


def ask(title: str) -> int:
    """Ask for restorations of the collection's photos; how many."""
    collection = Collection.objects.get(title=title)
    photos = list(collection.photos.values_list("pk", flat=True))
    return request_restorations(photos=photos, requested_by=collection.owner).queued


def sizes() -> dict[str, Any]:
    """Make all tiles. {"bytes": {kind: {what: bytes of a photo}}, "tiles": seconds of processor time that the
    tiles of a photo took, its original's and its result's}.
    """
    before = computed()
    pictures = sum(1 for _made in make_missing_tiles())
    took = computed() - before
    done = Restoration.objects.filter(photo__collection__title=ALBUM, status=Restoration.Status.DONE)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    photos: Counter[str] = Counter()
    for restoration in done.select_related("photo__original").latest_of_each_photo():
        original = restoration.photo.original
        kind = restoration.photo.filename.rpartition(".")[2]
        photos[kind] += 1
        found[kind]["originals"] += original.byte_size
        found[kind]["results"] += _size(result_file(restoration))
        for kept, sha256 in files_of(restoration).kept.items():
            name = "repairs" if kept is Kept.REPAIR else "layers"
            found[kind][name] += _size(kept_as(kept, sha256, original_sha256=original.sha256))
        for sha256 in (original.sha256, restoration.result_sha256):
            found[kind]["renditions"] += sum(_size(rendition_file(sha256, each)) for each in Rendition.Kind)
            found[kind]["tiles"] += _size(tiles_file(sha256))
    told = {
        kind: {area: number / photos[kind] for area, number in each.items()} for kind, each in found.items()
    }
    return {"bytes": told, "tiles": 2 * took / pictures if pictures else 0.0}


def _size(file: StoredFile) -> int:
    """In bytes; 0 where there is none."""
    lying = file.find()
    return lying.byte_size if lying else 0


def computed() -> float:
    """Seconds that this process has computed, and those that it started: decoders are some of their own."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return float(sum(sum(each.cpu_times()[:4]) for each in family))
