"""Files follow their rows. Two photos of the same original have the same result and share what is kept beside
it, so the last row decides.
"""

from __future__ import annotations

from django.db import transaction

from archive.files.renditions import remove_renditions
from archive.files.storage import Area, remove
from archive.models import Original
from archive.zooming.pyramids import remove_tiles
from restoration.keeping.holdings import names_file
from restoration.running.stored_files import StoredFiles, kept_suffix, result_suffix


@transaction.atomic
def discard_unused_files(*, files: StoredFiles) -> None:
    """Remove those of the files that no restoration or sample names any more, a result's renditions too."""
    lock_original(files.original_sha256)
    if files.result_sha256:
        suffix = result_suffix(files.result_media_type)
        if not names_file(Area.RESULTS, files.result_sha256, suffix):
            remove_renditions(files.result_sha256)
            remove_tiles(files.result_sha256)
            remove(area=Area.RESULTS, sha256=files.result_sha256, suffix=suffix)
    for kind, sha256 in files.kept.items():
        suffix = kept_suffix(kind, files.original_sha256)
        if not names_file(Area.LAYERS, sha256, suffix):
            remove(area=Area.LAYERS, sha256=sha256, suffix=suffix)


def lock_original(sha256: str) -> None:
    """Make finishing a restoration and discarding an equal result wait for each other, inside a transaction.

    An original that is gone needs no lock: its photos, and so their restorations, went before it.
    """
    Original.objects.select_for_update().filter(sha256=sha256).first()
