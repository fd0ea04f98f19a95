"""PNG masters and results."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mlcore.errors import MasterError
from mlcore.masters import png_chunks as container
from mlcore.masters import xmp
from mlcore.masters.carried import Carried, orientation_of
from mlcore.masters.decoding import check_size, fill_by_vips, header_of, truncated
from mlcore.masters.found import Found
from mlcore.masters.pages import Channels, Sheet
from mlcore.masters.png_chunks import Chunk
from mlcore.masters.row_files import RowFile
from mlcore.masters.thumbnails import exif_without
from mlcore.masters.vips import computing, libvips
from mlcore.masters.xmp import Marking

_PALETTE = 3
_STRUCTURE = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"hIST"})
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_OF_THE_DEPTH = frozenset({b"sBIT", b"bKGD"})
"""Their content has the form of the samples, and holds only while these keep theirs."""
_KNOWN = frozenset(
    {b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"pHYs", b"sPLT", b"tIME", b"eXIf"}
    | {b"tEXt", b"zTXt", b"iTXt", b"oFFs", b"pCAL", b"sCAL", b"sTER"}
    | _OF_THE_DEPTH
)


def read_png(path: Path) -> Found:
    """Look into a PNG. Raises MasterError."""
    try:
        with path.open("rb") as file:
            read = container.read_chunks(file)
        header = container.header_of(read)
    except container.BrokenPng as error:
        raise truncated(path.name, error) from error
    check_size(path.name, header.width, header.height)

    def load() -> Any:
        return libvips().Image.pngload(str(path), access="sequential", fail_on="error", unlimited=True)

    image = header_of(load, path.name)
    alpha = image.bands in {2, 4}
    channels: Channels = "grey" if image.bands <= 2 else "rgb"
    chunks = [
        replace(chunk, body=exif_without(chunk.body)) if chunk.kind == b"eXIf" else chunk for chunk in read
    ]
    exif = container.body_of(chunks, b"eXIf")
    carried = Carried(
        icc_profile=container.icc_of(chunks),
        exif=exif,
        xmp=container.xmp_of(chunks),
        density=container.density_of(chunks),
    )
    sheet = Sheet(
        header.height,
        header.width,
        channels,
        np.uint16 if header.bits == 16 else np.uint8,
        fill_by_vips(load, path.name),
        extras=int(alpha),
        alpha=0 if alpha else None,
        orientation=orientation_of(exif),
        icc_profile=carried.icc_profile,
    )
    kinds = {chunk.kind for chunk in chunks}
    notes = {
        "palette-to-rgb": header.colours == _PALETTE,
        "low-depth-to-8-bit": header.bits < 8 and header.colours != _PALETTE,
        "transparent-colour-to-alpha": b"tRNS" in kinds,
        "further-pictures-dropped": bool(kinds & _ANIMATION),
        "content-credentials-dropped": b"caBX" in kinds,
        "previews-dropped": chunks != read,
        "xmp-unreadable-dropped": carried.xmp is None and any(map(_holds_xmp, chunks)),
    }
    held = {note for note, holds in notes.items() if holds} | xmp.losses(carried.xmp)
    return Found("png", [sheet], carried, sorted(held), chunks=chunks)


def write_png(
    stream: BinaryIO,
    rows: RowFile,
    found: Found,
    marking: Marking,
    folder: Path,
    *,
    on_rows: Callable[[], None],
) -> None:
    """Write the samples ``rows`` (1 to 4 channels) with the metadata of ``found``.

    ``on_rows`` is called now and then meanwhile.
    """
    encoded = folder / "encoded.png"
    image = rows.as_vips()
    try:
        with computing(image, on_rows):
            image.pngsave(str(encoded), compression=6, filter="all", keep="none")
    except libvips().Error as error:
        raise MasterError("mlcore:master:unwritable", f"cannot be encoded as PNG ({error})") from error
    kept = _own(found) if found.format == "png" else _made(found.carried)
    kept.append(container.xmp_chunk(xmp.marked(found.carried.xmp, marking)))
    kept.sort(key=lambda chunk: chunk.behind)
    with encoded.open("rb") as source:
        container.write_with(kept, source, stream)


def _own(found: Found) -> list[Chunk]:
    """Every ancillary chunk that still holds for new pixels.

    Unknown ones go where their name says that they may be copied to a changed picture.
    """
    dropped = _STRUCTURE | _ANIMATION | (_OF_THE_DEPTH if _deeper(found) else frozenset())
    return [
        chunk
        for chunk in found.chunks
        if chunk.kind not in dropped
        and (chunk.kind in _KNOWN or chunk.kind[3] & 0x20)
        and not _holds_xmp(chunk)
    ]


def _holds_xmp(chunk: Chunk) -> bool:
    return container.is_xmp(chunk) or container.is_old_xmp(chunk)


def _deeper(found: Found) -> bool:
    """Whether samples have another form than in the master."""
    return not {"palette-to-rgb", "low-depth-to-8-bit", "transparent-colour-to-alpha"}.isdisjoint(found.notes)


def _made(carried: Carried) -> list[Chunk]:
    """Chunks for metadata of another container."""
    kept = []
    if carried.icc_profile:
        kept.append(container.icc_chunk(carried.icc_profile))
    if carried.density:
        kept.append(container.density_chunk(carried.density))
    if carried.exif:
        kept.append(Chunk(b"eXIf", carried.exif))
    if carried.iptc:
        kept.append(container.iptc_chunk(carried.iptc))
    kept += [container.text_chunk("Comment", text) for text in carried.comments if text]
    return kept
