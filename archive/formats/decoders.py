"""The decoding processes, with the limits that the settings give them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings

from archive.formats.apart import DecoderStopped, decode_apart
from archive.formats.mask_levels import MaskLevels
from archive.messages import input_error

logger = logging.getLogger(__name__)


def have_decoded(work: str, path: Path, **values: Any) -> Any:
    """Have a decoder do `work` with the file at `path`, and return what it says.

    Raises InputError archive:file:decoder-stopped where the file broke it, or took more time or memory than
    is allowed; OSError as the work does.
    """
    try:
        return decode_apart(
            work,
            path=str(path.absolute()),
            most_pixels=settings.PULIH_MAX_PIXELS,
            most_bytes=settings.PULIH_MAX_DECODED_BYTES,
            **values,
        )
    except DecoderStopped as error:
        logger.warning("a decoder did not come through with %s (%s): %s", path.name, work, error)
        raise input_error("archive:file:decoder-stopped") from error


def embedded_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """As `archive.formats.embedded.read_embedded`. Raises InputError as `have_decoded`."""
    blocks: dict[str, dict[str, Any]] = have_decoded("embedded", path)
    return blocks


def mask_levels(path: Path, target: Path, longest_side: int) -> MaskLevels:
    """As `archive.formats.mask_levels.write_levels`. Raises InputError as `have_decoded`, OSError."""
    return MaskLevels(
        *have_decoded("mask_levels", path, target=str(target.absolute()), longest_side=longest_side)
    )
