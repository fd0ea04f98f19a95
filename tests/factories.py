"""Small factories by hand: sensible defaults, everything can be said by keyword, the real services do the
work."""

import itertools
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from archive.files.renditions import open_oriented, write_renditions
from archive.files.storage import Area, StoredFile, adopt, incoming_folder, sha256_of
from archive.models import Collection, Membership, Photo
from archive.services import add_member, create_collection, ingest_photo
from restoration.models import ModelVersion, Restoration, SampleResult
from restoration.registry.sample_pictures import SAMPLES
from restoration.running.stored_files import Kept, store_kept
from restoration.services import (
    Outcome,
    add_sample_picture,
    add_sample_result,
    claim_restoration,
    claim_sample_run,
    complete_restoration,
    fail_restoration,
    finish_sample_run,
    register_model,
    request_restoration,
    request_samples,
)
from tests import pictures
from tests.benchmarks import Figures, kept

PASSWORD = "a long walk home"

_numbers = itertools.count(1)


def make_user(username: str = "", *, password: str = PASSWORD, **fields: Any) -> User:
    return User.objects.create_user(username or f"user-{next(_numbers)}", password=password, **fields)


def make_collection(
    *,
    owner: User | None = None,
    title: str = "",
    members: dict[User, Membership.Role] | None = None,
    **fields: Any,
) -> Collection:
    """Make a collection; `members` maps further users to their roles."""
    number = next(_numbers)
    collection = create_collection(
        owner=owner or make_user(), title=title or f"Collection {number}", **fields
    )
    for user, role in (members or {}).items():
        add_member(collection=collection, user=user, role=role)
    return collection


def make_upload(content: bytes | None = None, name: str = "photo.png") -> SimpleUploadedFile:
    """Make an uploaded file; without `content`, a picture unlike all earlier ones."""
    return SimpleUploadedFile(
        name, pictures.png(pictures.portrait(seed=next(_numbers))) if content is None else content
    )


def make_photo(
    *,
    collection: Collection | None = None,
    uploaded_by: User | None = None,
    content: bytes | None = None,
    filename: str = "photo.png",
) -> Photo:
    """Ingest a photo, files and all; without `content`, a picture unlike all earlier ones."""
    collection = collection or make_collection()
    return ingest_photo(
        collection=collection,
        uploaded_by=uploaded_by or collection.owner,
        file=make_upload(content, filename),
        filename=filename,
    )


def make_model_version(
    *, figures: Figures | None = None, measured: dict[str, Any] | None = None, **fields: Any
) -> ModelVersion:
    """Register a model; unless told otherwise its weights exist on paper only (nothing here loads torch).

    `figures`: PSNR and SSIM by level; `measured`: how its benchmark differs otherwise (see tests.benchmarks).
    """
    number = next(_numbers)
    values = {
        "name": "paper-model",
        "version": str(number),
        "weights_path": f"nowhere/{number}.safetensors",
        "weights_sha256": f"{number:064x}",
    } | fields
    if figures is not None:
        values["benchmark"] = kept(values["weights_sha256"], figures, **(measured or {}))
    return register_model(**values)


def make_sample_results(*model_versions: ModelVersion) -> list[SampleResult]:
    """Sample pictures as if restored by each model: small ones, all files and rows there, the runs done."""
    results = []
    for model_version in model_versions:
        request_samples(model_version=model_version)
        claim_sample_run(model_version_id=model_version.pk)
        for number, (name, level) in enumerate(SAMPLES):
            clean, degraded, restored = (
                _store_png(pictures.portrait(64, 64, seed=100 * number + which))
                for which in (0, 1, next(_numbers) + 2)
            )
            sample = add_sample_picture(
                name=name, level=level, clean_sha256=clean, degraded_sha256=degraded, width=64, height=64
            )
            results.append(
                add_sample_result(
                    model_version=model_version,
                    sample=sample,
                    result_sha256=restored,
                    measures={"psnr": 30.0 + number, "ssim": 0.9},
                    code_version="sources-sha256:0123456789abcdef",
                )
            )
        finish_sample_run(model_version_id=model_version.pk)
    return results


def _store_png(image: Image.Image) -> str:
    path = incoming_folder() / f"sample-{next(_numbers)}.png"
    path.write_bytes(pictures.png(image))
    sha256 = sha256_of(path)
    write_renditions(path, sha256)
    adopt(path, area=Area.RESULTS, sha256=sha256, suffix=".png")
    return sha256


def make_restoration(
    *,
    photo: Photo | None = None,
    status: Restoration.Status = Restoration.Status.DONE,
    requested_by: User | None = None,
    error_code: str = "restoration:engine:unexpected",
    outcome: dict[str, Any] | None = None,
    **asked: Any,
) -> Restoration:
    """Take a restoration to `status` through the services; a finished one has real files.

    `asked`: strength, hand and so on, as `request_restoration` takes them. `outcome`: see `make_outcome`.
    """
    restoration = request_restoration(photo=photo or make_photo(), requested_by=requested_by, **asked)
    if status == Restoration.Status.QUEUED:
        return restoration
    claimed = claim_restoration(restoration_id=restoration.id)
    assert claimed is not None
    if status == Restoration.Status.FAILED:
        return fail_restoration(restoration=claimed, code=error_code)
    if status == Restoration.Status.DONE:
        return complete_restoration(restoration=claimed, outcome=make_outcome(claimed, **outcome or {}))
    return claimed


def make_outcome(restoration: Restoration, **fields: Any) -> Outcome:
    """Store the original, made lighter by one step, as the result of `restoration`, and say so.

    Layers and repair are stand-ins: pictures of the right kind and size, and not of any network's making.
    """
    with StoredFile(Area.ORIGINALS, restoration.original_sha256).local_copy() as path:
        original = open_oriented(path)
    restored = original.point(lambda value: min(255, value + 1))
    path = incoming_folder() / f"{restoration.id}.png"
    path.write_bytes(pictures.png(restored))
    sha256, byte_size = sha256_of(path), path.stat().st_size
    write_renditions(path, sha256)
    adopt(path, area=Area.RESULTS, sha256=sha256, suffix=".png")
    repair = pictures.encoded(restored, "TIFF")
    values = {
        "model_version": restoration.wanted_model
        or ModelVersion.objects.default().first()
        or make_model_version(),
        "code_version": "sources-sha256:0123456789abcdef",
        "parameters": {"tile": 1024},
        "result_sha256": sha256,
        "result_media_type": "image/png",
        "result_byte_size": byte_size,
        "result_width": restored.width,
        "result_height": restored.height,
        "repair_sha256": _kept(restoration, Kept.REPAIR, repair),
        "repair_byte_size": len(repair),
        "layers": {
            layer.value: _kept(restoration, layer, pictures.png(Image.new("L", restored.size, value)))
            for layer, value in ((Kept.MASK, 255), (Kept.CHANGE, 1), (Kept.INVENTION, 8))
        },
        "invention": 2.0,
        "share_damaged": 1.0,
        "warnings": [],
        "change_report": {
            "share_changed": 1.0,
            "mean_change": 1.0,
            "max_change": 1.0,
            "mean_change_inside": 1.0,
            "max_change_inside": 1.0,
            "mean_change_outside": 0.0,
            "max_change_outside": 0.0,
            "share_damaged": 1.0,
            "level": "heavy",
            "seconds": 1.5,
        },
        "peak_memory_bytes": 123_456_789,
    }
    return Outcome(**(values | fields))


def _kept(restoration: Restoration, kind: Kept, content: bytes) -> str:
    return store_kept(kind, content, original_sha256=restoration.original_sha256)
