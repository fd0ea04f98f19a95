"""What files restorations and sample pictures keep, for the archive's list of holdings."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from archive.files.holdings import Holding, HoldingKind
from archive.files.storage import Area
from archive.models import Photo
from archive.querysets.visible import PhotoQuerySet
from restoration.models import Restoration, SamplePicture, SampleResult, SampleRun
from restoration.models.background_job import BackgroundJob
from restoration.running.stored_files import (
    LAYERS,
    PNG,
    Kept,
    kept_files,
    kept_for,
    kept_suffix,
    result_suffix,
)

_KINDS = {Kept.REPAIR: HoldingKind.REPAIR, Kept.HAND: HoldingKind.HAND} | dict.fromkeys(
    LAYERS, HoldingKind.LAYER
)


def restoration_holdings(photos: PhotoQuerySet | None) -> Iterator[Holding]:
    """Results and what is kept beside them; without `photos` the sample pictures too."""
    restorations = Restoration.objects.order_by()
    if photos is not None:
        restorations = restorations.filter(photo__in=photos.order_by().values("pk"))
    rows = restorations.values_list(
        "original_sha256",
        "result_sha256",
        "result_media_type",
        "result_byte_size",
        "layers",
        "repair_sha256",
        "repair_byte_size",
        "hand_sha256",
    )
    for original, result, media_type, result_bytes, layers, repair, repair_bytes, hand in rows.iterator(
        chunk_size=5000
    ):
        if result:
            yield Holding(Area.RESULTS, result, result_suffix(media_type), result_bytes, HoldingKind.RESULT)
        for kind, sha256 in kept_files(layers, repair, hand).items():
            byte_size = repair_bytes if kind is Kept.REPAIR else None
            yield Holding(Area.LAYERS, sha256, kept_suffix(kind, original), byte_size, _KINDS[kind])
    if photos is None:
        yield from _sample_holdings()


def _sample_holdings() -> Iterator[Holding]:
    pictures = SamplePicture.objects.order_by().values_list("clean_sha256", "degraded_sha256")
    for sha256 in {sha256 for pair in pictures for sha256 in pair}:
        yield Holding(Area.RESULTS, sha256, result_suffix(PNG), None, HoldingKind.RESULT)
    for sha256 in SampleResult.objects.order_by().values_list("result_sha256", flat=True).distinct():
        yield Holding(Area.RESULTS, sha256, result_suffix(PNG), None, HoldingKind.RESULT)


def photos_of_restorations(holding: Holding) -> PhotoQuerySet:
    """The photos with a restoration that keeps the file."""
    if holding.kind is HoldingKind.RESULT:
        named = Q(restorations__result_sha256=holding.sha256)
    elif holding.kind is HoldingKind.LAYER:
        named = Q()
        for layer in LAYERS:
            named |= Q(**{f"restorations__layers__{layer.value}": holding.sha256})
    elif holding.kind in {HoldingKind.REPAIR, HoldingKind.HAND}:
        named = Q(**{f"restorations__{holding.kind.value}_sha256": holding.sha256})
    else:
        return Photo.objects.none()
    return Photo.objects.filter(named).select_related("collection").distinct()


def names_file(area: Area, sha256: str, suffix: str) -> bool:
    """Whether a restoration or a sample names the file; `suffix` as `result_suffix` and `kept_suffix` give
    it.
    """
    if area is Area.RESULTS:
        results = (kind.objects.filter(result_sha256=sha256) for kind in (Restoration, SampleResult))
        pictures = SamplePicture.objects.filter(Q(clean_sha256=sha256) | Q(degraded_sha256=sha256))
        return pictures.exists() or any(found.exists() for found in results)
    if area is not Area.LAYERS:
        return False
    # Two layers may be alike, and then they are one file.
    named = Q(repair_sha256=sha256) | Q(hand_sha256=sha256)
    for layer in LAYERS:
        named |= Q(**{f"layers__{layer.value}": sha256})
    of_original = kept_for(suffix)
    return Restoration.objects.filter(named, original_sha256__startswith=of_original).exists()


def work_is_in_flight() -> bool:
    """Whether a worker has a restoration or a run over the samples in its hands."""
    running = BackgroundJob.Status.RUNNING
    return any(kind.objects.filter(status=running).exists() for kind in (Restoration, SampleRun))
