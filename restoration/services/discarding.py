"""Files follow their rows. Two photos of the same original have the same result and share what is kept beside
it, so the last row decides.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from archive.files import storage
from archive.files.renditions import remove_renditions
from archive.models import Original
from archive.zooming.pyramids import remove_tiles
from restoration.models import Restoration, SampleResult
from restoration.running.stored_files import LAYERS, Kept, StoredFiles, kept_suffix, result_suffix


@transaction.atomic
def discard_unused_files(*, files: StoredFiles) -> None:
    """Remove those of the files that no restoration or sample names any more, a result's renditions too."""
    lock_original(files.original_sha256)
    if files.result_sha256 and not _result_is_named(files.result_sha256):
        remove_renditions(files.result_sha256)
        remove_tiles(files.result_sha256)
        storage.remove(
            area=storage.Area.RESULTS,
            sha256=files.result_sha256,
            suffix=result_suffix(files.result_media_type),
        )
    for kind, sha256 in files.kept.items():
        if not _is_kept(kind, sha256, files.original_sha256):
            storage.remove(
                area=storage.Area.LAYERS, sha256=sha256, suffix=kept_suffix(kind, files.original_sha256)
            )


def lock_original(sha256: str) -> None:
    """Make finishing a restoration and discarding an equal result wait for each other, inside a transaction.

    An original that is gone needs no lock: its photos, and so their restorations, went before it.
    """
    Original.objects.select_for_update().filter(sha256=sha256).first()


def _result_is_named(sha256: str) -> bool:
    return any(kind.objects.filter(result_sha256=sha256).exists() for kind in (Restoration, SampleResult))


def _is_kept(kind: Kept, sha256: str, original_sha256: str) -> bool:
    """Whether a restoration of this original still names the file."""
    if kind in LAYERS:
        # Two layers may be alike, and then they are one file.
        named = Q()
        for layer in LAYERS:
            named |= Q(**{f"layers__{layer.value}": sha256})
    else:
        named = Q(**{f"{kind.value}_sha256": sha256})
    return Restoration.objects.filter(named, original_sha256=original_sha256).exists()
