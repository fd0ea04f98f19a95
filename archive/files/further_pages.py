"""The pages of a stored file that has several: their sizes, and pictures of the further ones, which are made
when somebody first looks at them.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from archive.errors import InputError
from archive.files.renditions import draft_renditions, place_renditions, remove_renditions, rendition_file
from archive.files.storage import StoredFile
from archive.formats.decoders import have_decoded
from archive.models import Rendition

logger = logging.getLogger(__name__)

_REMEMBERED = 256


def page_sizes(source: StoredFile) -> tuple[tuple[int, int], ...]:
    """Width and height in pixels, upright, of each page that is a picture of its own, as a result has them
    too: no previews, no masks. Nothing where the file is gone, or is no TIFF.
    """
    try:
        return _sizes(source)
    except (OSError, InputError) as error:
        logger.warning("the pages of %s cannot be told: %s", source.name, error)
        return ()


def page_rendition(source: StoredFile, kind: Rendition.Kind, page: int) -> StoredFile:
    """The rendition of a page. That of the first may be there or not; another is made unless it is there.

    Raises InputError archive:file:decoder-stopped; OSError where the source is gone, has no such page or does
    not decode, or there is no room.
    """
    wanted = rendition_file(source.sha256, kind, page)
    if page > 1 and not wanted.exists():
        with source.local_copy() as path, draft_renditions(path, page=page) as drafts:
            place_renditions(drafts, source.sha256, page=page)
        if not source.exists():
            # It was removed meanwhile, and whoever did so did not find these yet.
            remove_renditions(source.sha256)
    return wanted


@lru_cache(maxsize=_REMEMBERED)
def _sizes(source: StoredFile) -> tuple[tuple[int, int], ...]:
    """What a file is named by is what is in it, so that what was found once stays true."""
    with source.local_copy() as path:
        return tuple((width, height) for width, height in have_decoded("page_sizes", path))
