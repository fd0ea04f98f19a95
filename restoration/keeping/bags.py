"""Approved restorations in bags: what goes with them, and how they come in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from archive.files.derivatives import Derivative, DerivedFile
from archive.messages import input_error
from archive.models import Photo
from archive.querysets.visible import PhotoQuerySet
from mlcore.masters.xmp import DIGITAL_SOURCE_TYPE
from restoration.keeping.records import restoration_record
from restoration.models import Restoration
from restoration.running.stored_files import Kept, files_of, kept_as, result_file
from restoration.services import import_restoration, store_imported_files

RESULT = "restored"
"""The role of the restored picture among a restoration's files; the others are those of `Kept`."""


class Restorations:
    """The `archive.files.derivatives.DerivativeSource` of restorations."""

    name = "restoration"

    def approved(self, photos: PhotoQuerySet) -> Iterator[Derivative]:
        """Approved restorations, those of a photo in the order in which they were asked for."""
        restorations = Restoration.objects.in_state(Restoration.ReviewState.APPROVED)
        rows = (
            restorations.filter(photo__in=photos.order_by().values("pk"))
            .select_related("model_version", "requested_by")
            .defer(*(f"model_version__{text}" for text in ("card", "training_log", "benchmark")))
            .prefetch_related("reviews__reviewer")
            .order_by("photo", "requested_at", "pk")
        )
        return (_derivative(row) for row in rows.iterator(chunk_size=200))

    def store(self, *, provenance: dict[str, Any], files: Mapping[str, Path]) -> None:
        """See the protocol."""
        if RESULT not in files:
            raise input_error("archive:bag:unreadable", file=RESULT)
        store_imported_files(
            provenance=provenance,
            result=files[RESULT],
            kept={Kept(role): path for role, path in files.items() if role in Kept.values},
        )

    def take_in(self, *, photo: Photo, provenance: dict[str, Any], person: Callable[[str], User]) -> None:
        """See the protocol."""
        import_restoration(photo=photo, provenance=provenance, person=person)


def _derivative(restoration: Restoration) -> Derivative:
    files = files_of(restoration)
    beside = tuple(
        DerivedFile(
            role=kind.value,
            file=kept_as(kind, sha256, original_sha256=files.original_sha256),
        )
        for kind, sha256 in files.kept.items()
    )
    return Derivative(
        id=restoration.pk,
        photo_id=restoration.photo_id,
        work=DerivedFile(role=RESULT, file=result_file(restoration)),
        beside=beside,
        media_type=restoration.result_media_type,
        byte_size=restoration.result_byte_size or 0,
        width=restoration.result_width or 0,
        height=restoration.result_height or 0,
        made_at=restoration.finished_at or restoration.requested_at,
        software=f"Pulih, {restoration.model_version}",
        source_type=DIGITAL_SOURCE_TYPE,
        provenance=restoration_record(restoration),
    )
