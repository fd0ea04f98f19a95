"""Result files follow their rows. Two photos of the same original have the same result, so the last row
decides.
"""

from __future__ import annotations

from django.db import transaction

from archive import storage
from archive.models import Original
from archive.renditions import remove_renditions
from restoration.models import Restoration, SampleResult
from restoration.results import SUFFIX


@transaction.atomic
def discard_unused_result(*, result_sha256: str, original_sha256: str) -> None:
    """Remove a result and its renditions from storage when no restoration or sample names it any more."""
    lock_original(original_sha256)
    if any(kind.objects.filter(result_sha256=result_sha256).exists() for kind in (Restoration, SampleResult)):
        return
    remove_renditions(result_sha256)
    storage.remove(area=storage.Area.RESULTS, sha256=result_sha256, suffix=SUFFIX)


def lock_original(sha256: str) -> None:
    """Make finishing a restoration and discarding an equal result wait for each other, inside a transaction.

    An original that is gone needs no lock: its photos, and so their restorations, went before it.
    """
    Original.objects.select_for_update().filter(sha256=sha256).first()
