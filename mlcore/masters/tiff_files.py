"""TIFF masters: what each page is, and who decodes it.

The usual kinds go through libvips, line by line even where a page is one long strip; what it does not know
(rarer compressions and depths, palettes, Lab, several planes in tiles) through tifffile, strip by strip.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.errors import MasterError
from mlcore.masters.carried import Carried, density_in, orientation_in
from mlcore.masters.decoding import check_size, fill_by_vips, truncated, unsupported
from mlcore.masters.found import Found
from mlcore.masters.jpeg_segments import resources_without
from mlcore.masters.odd_tiffs import OddLayout, fill_odd
from mlcore.masters.pages import COLOUR_COUNTS, Channels, Sheet
from mlcore.masters.thumbnails import PHOTOSHOP_THUMBNAILS
from mlcore.masters.tiff_exif import exif_from
from mlcore.masters.tiff_structure import LAYERS, BrokenTiff, Directory, TiffStructure, read_structure
from mlcore.masters.vips import libvips
from mlcore.masters.xmp import losses

_USUAL_COMPRESSIONS = frozenset({1, 2, 3, 4, 5, 7, 8, 32773, 32946})
_LOSSY = frozenset({6, 7, 34892, 33003, 33005, 34712, 50001, 34887, 52546})
_JPEGS = frozenset({6, 7})
_REDUCED, _MASK = 1, 4
_SUB_PAGES = 330
_XMP, _PHOTOSHOP = 700, 34377

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, INKS, YCBCR = 0, 1, 2, 3, 5, 6
LABS = frozenset({8, 9})
_CHANNELS: dict[int, Channels] = {
    WHITE_IS_ZERO: "grey",
    BLACK_IS_ZERO: "grey",
    RGB: "rgb",
    PALETTE: "rgb",
    INKS: "cmyk",
    YCBCR: "rgb",
    8: "rgb",
    9: "rgb",
}


def read_tiff(path: Path) -> Found:
    """Look into a TIFF. Raises MasterError."""
    try:
        with path.open("rb") as file:
            structure = read_structure(file)
    except BrokenTiff as error:
        raise truncated(path.name, error) from error
    wanted = [
        number
        for number, directory in enumerate(structure.directories)
        if not directory.number(254, 0) & (_REDUCED | _MASK) and directory.number(255, 1) != 2
    ]
    if not wanted:
        raise unsupported(path.name, "no full-size picture in it")
    notes = [note for directory in structure.directories for note in _relieved(directory)]
    sheets = [_sheet(path, structure, number, notes) for number in wanted]
    if len(wanted) < len(structure.directories) or any(
        _SUB_PAGES in d.entries for d in structure.directories
    ):
        notes.append("previews-dropped")
    return Found(
        "tiff", sheets, _carried(structure.directories[wanted[0]]), sorted(set(notes)), structure=structure
    )


def photometric_of(directory: Directory) -> int:
    """What numbers mean; a file that does not say is taken by its number of channels."""
    return directory.number(262, RGB if directory.number(277, 1) >= 3 else BLACK_IS_ZERO)


def _relieved(directory: Directory) -> Iterator[str]:
    """Take the picture as it was out of a page's metadata; codes of what is left out."""
    yield from losses(directory.bytes_of(_XMP))
    if LAYERS in directory.entries:
        directory.drop([LAYERS])
        yield "layers-dropped"
    resources = directory.entries.get(_PHOTOSHOP)
    if resources:
        wanted = resources_without(resources.raw, PHOTOSHOP_THUMBNAILS)
        if wanted != resources.raw:
            directory.put(_PHOTOSHOP, resources.kind, wanted)
            yield "previews-dropped"


def _carried(directory: Directory) -> Carried:
    return Carried(
        icc_profile=directory.bytes_of(34675),
        exif=exif_from(directory),
        xmp=directory.bytes_of(_XMP),
        iptc=directory.bytes_of(33723),
        density=density_in(directory),
    )


def _sheet(path: Path, structure: TiffStructure, number: int, notes: list[str]) -> Sheet:
    directory = structure.directories[number]
    width, height = directory.number(256, 0), directory.number(257, 0)
    check_size(path.name, width, height)
    photometric, compression = photometric_of(directory), directory.number(259, 1)
    count = directory.number(277, 1)
    bits = set(directory.numbers(258)) or {1}
    forms = set(directory.numbers(339)) or {1}
    channels = _CHANNELS.get(photometric)
    colours = 1 if photometric == PALETTE else COLOUR_COUNTS[channels or "grey"]
    extras = count - colours
    if channels is None or len(bits) > 1 or len(forms) > 1 or not forms <= {1, 2, 3, 4} or extras < 0:
        raise unsupported(path.name, f"TIFF of photometric kind {photometric}, {count} channels, bits {bits}")
    if photometric == INKS and directory.number(332, 1) != 1:
        raise unsupported(path.name, "inks other than CMYK")
    _check_data(path, directory)
    depth, form = bits.pop(), forms.pop()
    wide = depth > 16 or form not in {1, 4}
    kinds = [*directory.numbers(338), *[0] * extras][:extras]
    alpha = next((index for index, kind in enumerate(kinds) if kind in {1, 2}), None)
    layout = OddLayout(photometric, depth, form, colours, _palette(directory), jpeg=compression in _JPEGS)
    premultiplied = alpha is not None and kinds[alpha] == 1
    if _is_usual(directory, photometric, depth, wide, premultiplied):

        def load() -> Any:
            return libvips().Image.tiffload(
                str(path), page=number, access="sequential", fail_on="error", unlimited=True
            )

        fill = fill_by_vips(load, path.name)
    else:
        fill = fill_odd(path, number, layout)
    notes += [
        note
        for note, holds in {
            "palette-to-rgb": photometric == PALETTE,
            "ycbcr-to-rgb": photometric == YCBCR,
            "lab-to-rgb": photometric in LABS,
            "low-depth-to-8-bit": depth < 8 and photometric != PALETTE,
            "odd-depth-to-16-bit": 8 < depth < 16,
            "numbers-to-16-bit": wide,
            "lossy-to-deflate": compression in _LOSSY,
        }.items()
        if holds
    ]
    return Sheet(
        height,
        width,
        channels,
        np.uint8 if depth <= 8 and not wide else np.uint16,
        fill,
        extras=extras,
        alpha=alpha,
        premultiplied=premultiplied,
        orientation=orientation_in(directory),
        icc_profile=directory.bytes_of(34675),
        directory=number,
    )


def _is_usual(directory: Directory, photometric: int, depth: int, wide: bool, premultiplied: bool) -> bool:
    """Whether libvips gives the numbers as they stand in the file."""
    return (
        directory.number(259, 1) in _USUAL_COMPRESSIONS
        and not (wide or premultiplied)
        and depth in {1, 8, 16}
        and (depth > 1 or directory.number(277, 1) == 1)
        and photometric not in {PALETTE, *LABS}
        and (photometric != YCBCR or directory.number(259, 1) in _JPEGS)
        and not (directory.number(284, 1) == 2 and 322 in directory.entries)
    )


def _palette(directory: Directory) -> Any:
    """Colours of a palette, (entries, 3) uint8, None where there is none."""
    numbers = np.array(directory.numbers(320), np.int64)
    if not len(numbers) or len(numbers) % 3:
        return None
    table = numbers.reshape(3, -1).T
    # Some writers put 8-bit numbers where 16-bit ones belong.
    return (table if table.max() < 256 else table >> 8).astype(np.uint8)


def _check_data(path: Path, directory: Directory) -> None:
    """Raise MasterError where strips or tiles lie outside of the file, or there are none."""
    tiled = 324 in directory.entries
    offsets = directory.numbers(324 if tiled else 273)
    sizes = directory.numbers(325 if tiled else 279)
    if not offsets and directory.number(513, 0):
        return  # JPEG of the old kind, all in one place
    length = path.stat().st_size
    if not sizes and len(offsets) == 1:
        sizes = (length - offsets[0],)
    if not offsets or len(offsets) != len(sizes):
        raise truncated(path.name, "no pixels")
    if any(offset + size > length for offset, size in zip(offsets, sizes, strict=True)):
        raise truncated(path.name, "pixels lie outside of the file")
    if not any(sizes):
        raise MasterError("mlcore:master:truncated", f"{path.name}: no pixels")
