"""Restorations that another archive made and a bag brought here: kept as they were, nothing run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from archive.files import storage
from archive.files.renditions import write_renditions
from archive.formats.moments import read_moment
from archive.formats.sniffing import sniff_image
from archive.messages import input_error
from archive.models import Photo
from restoration import messages
from restoration.keeping.records import COPIED, TIMES
from restoration.models import ModelVersion, Restoration, Review
from restoration.running.stored_files import Kept, StoredFiles, adopt_kept, kept_files, result_suffix
from restoration.services.discarding import lock_original

_UNKNOWN_BEFORE = {"thorough"}
"""What bags of earlier versions do not say; it was not so then."""


def store_imported_files(*, provenance: dict[str, Any], result: Path, kept: Mapping[Kept, Path]) -> None:
    """Copy a restoration's files into storage, and make the result's renditions.

    `provenance` as `restoration_record` gives it. Raises InputError `archive:bag:unreadable` when it names
    other files than there are, or none; or as `sniff_image` for a result that is no picture.
    """
    files = _named_files(provenance)
    if files.kept.keys() != kept.keys():
        raise input_error("archive:bag:unreadable", file=result.name)
    with result.open("rb") as file, storage.receive(file) as received:
        _check(received.sha256 == files.result_sha256, result)
        sniff_image(received.path)
        write_renditions(received.path, received.sha256)
        storage.adopt(
            received.path,
            area=storage.Area.RESULTS,
            sha256=received.sha256,
            suffix=result_suffix(files.result_media_type),
        )
    for kind, path in kept.items():
        with path.open("rb") as file, storage.receive(file) as received:
            _check(received.sha256 == files.kept[kind], path)
            adopt_kept(kind, received.path, sha256=received.sha256, original_sha256=files.original_sha256)


@transaction.atomic
def import_restoration(
    *, photo: Photo, provenance: dict[str, Any], person: Callable[[str], User]
) -> Restoration:
    """Keep a finished restoration of `photo` under its own id, with model, times and reviews.

    `person` gives the account that stands for a user name of the other archive. The model becomes known by
    the SHA-256 of its weights, which are not here. Raises InputError `archive:bag:unreadable`, EngineError
    `restoration:engine:result-missing` when its files are not in storage.
    """
    try:
        with transaction.atomic():
            return _kept_restoration(photo, provenance, person)
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError) as error:
        raise input_error("archive:bag:unreadable", file=photo.filename) from error


def _kept_restoration(photo: Photo, provenance: dict[str, Any], person: Callable[[str], User]) -> Restoration:
    files = _named_files(provenance)
    if files.original_sha256 != photo.original.sha256:
        raise ValueError("made from another original")
    lock_original(files.original_sha256)
    if not all(file.exists() for file in files.each()):
        raise messages.engine_error("restoration:engine:result-missing")
    asked_by = provenance["requested_by"]
    restoration = Restoration(
        pk=UUID(provenance["id"]),
        photo=photo,
        status=Restoration.Status.DONE,
        progress=100,
        requested_by=person(asked_by) if asked_by else None,
        model_version=_known_model(provenance["model"]) if provenance["model"] else None,
        **{name: provenance[name] for name in COPIED if name not in _UNKNOWN_BEFORE or name in provenance},
    )
    based_on = provenance["based_on"]
    if based_on and Restoration.objects.filter(pk=UUID(based_on), photo=photo).exists():
        restoration.based_on_id = UUID(based_on)
    restoration.full_clean()
    restoration.save(force_insert=True)
    # By an UPDATE, for the row gives itself the time of its making.
    times = {name: read_moment(provenance[name]) for name in TIMES if provenance[name]}
    Restoration.objects.filter(pk=restoration.pk).update(**times)
    for review in provenance["reviews"]:
        row = Review(
            pk=UUID(review["id"]),
            restoration=restoration,
            reviewer=person(review["reviewer"]),
            decision=review["decision"],
            reason=review.get("reason", ""),  # bags of earlier versions know of none
            comment=review["comment"],
        )
        row.full_clean()
        row.save(force_insert=True)
        Review.objects.filter(pk=row.pk).update(created_at=read_moment(review["created_at"]))
    restoration.refresh_from_db()
    return restoration


def _known_model(record: dict[str, Any]) -> ModelVersion:
    """The model by its weights. One that is new here never becomes the default: there is no file of it."""
    known = ModelVersion.objects.filter(weights_sha256=record["weights_sha256"]).first()
    if known is not None:
        return known
    version = record["version"]
    if ModelVersion.objects.filter(name=record["name"], version=version).exists():
        version = f"{version[:37]}-{record['weights_sha256'][:12]}"
    model = ModelVersion(
        name=record["name"],
        version=version,
        weights_path=f"not-here/{record['weights_sha256']}",
        weights_sha256=record["weights_sha256"],
        data_licence=record["data_licence"],
    )
    model.full_clean()
    model.save(force_insert=True)
    return model


def _named_files(provenance: dict[str, Any]) -> StoredFiles:
    try:
        files = StoredFiles(
            original_sha256=provenance["original_sha256"],
            result_sha256=provenance["result_sha256"],
            result_media_type=provenance["result_media_type"],
            kept=kept_files(provenance["layers"], provenance["repair_sha256"], provenance["hand_sha256"]),
        )
        # Whatever is no SHA-256, and no media type of a result, is found out here.
        if not list(files.each()) or not files.result_sha256:
            raise ValueError("no result")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise input_error("archive:bag:unreadable", file=str(provenance.get("id", ""))) from error
    return files


def _check(alike: bool, path: Path) -> None:
    if not alike:
        raise input_error("archive:bag:unreadable", file=path.name)
