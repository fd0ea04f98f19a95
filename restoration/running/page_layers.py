"""What is kept beside a result, by page. Of the first it lies ready; of another page two layers are made when
somebody first asks, from the original, the result and the repair.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from archive.files.renditions import page_mark, remove_renditions
from archive.files.storage import Area, StoredFile, incoming_folder, place
from archive.formats.decoders import have_decoded
from restoration.models import Restoration
from restoration.running.stored_files import Kept, kept_file, result_file

LONG_SIDE = 1600  # pixels, as of the first page's
_OF_PAGES = (Kept.MASK, Kept.CHANGE)
_DIGITS = 16


def kept_of_page(restoration: Restoration, kind: Kept, page: int) -> StoredFile | None:
    """The file of that kind; None where there is none.

    A page's layer is made unless it is there. Raises InputError archive:file:decoder-stopped; OSError where
    there is no such page, what it is made from is gone, or there is no room.
    """
    if page == 1:
        return kept_file(restoration, kind)
    repair = kept_file(restoration, Kept.REPAIR)
    if kind not in _OF_PAGES or repair is None or not restoration.is_reviewable:
        return None
    wanted = _layer(restoration, repair, kind, page)
    if not wanted.exists():
        _make(restoration, repair, page)
    return wanted


def layers_of_pages(restoration: Restoration) -> list[Kept]:
    """Which layers a finished restoration has of further pages."""
    repair = kept_file(restoration, Kept.REPAIR)
    return list(_OF_PAGES) if repair is not None and repair.seems_there() else []


def _layer(restoration: Restoration, repair: StoredFile, kind: Kept, page: int) -> StoredFile:
    """Its name: it goes with the result, and what else it was made from tells it from others."""
    of = f"{restoration.original_sha256[:_DIGITS]}-{repair.sha256[:_DIGITS]}"
    return StoredFile(Area.RENDITIONS, restoration.result_sha256, f"{page_mark(page)}-{kind.value}-{of}.png")


def _make(restoration: Restoration, repair: StoredFile, page: int) -> None:
    """Both layers of the page at once."""
    original, result = StoredFile(Area.ORIGINALS, restoration.original_sha256), result_file(restoration)
    with tempfile.TemporaryDirectory(dir=incoming_folder()) as folder, ExitStack() as files:
        paths = [files.enter_context(each.local_copy()) for each in (original, result, repair)]
        have_decoded(
            "page_layers",
            paths[0],
            result=str(paths[1].absolute()),
            repair=str(paths[2].absolute()),
            folder=folder,
            page=page,
            long_side=LONG_SIDE,
        )
        for kind in _OF_PAGES:
            layer = _layer(restoration, repair, kind, page)
            draft = Path(folder) / f"{kind.value}.png"
            place(draft, area=layer.area, sha256=layer.sha256, suffix=layer.suffix)
    if not result.exists():
        # It was removed meanwhile, and whoever did so did not find these yet.
        remove_renditions(restoration.result_sha256)
