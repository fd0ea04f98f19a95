"""WebP and BMP masters. Their results are PNG files: lossless, and with room for everything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile

from mlcore.errors import MasterError
from mlcore.masters.carried import Carried, orientation_of
from mlcore.masters.decoding import check_size, fill_by_vips, header_of, truncated
from mlcore.masters.found import Found
from mlcore.masters.pages import BYTES_AT_ONCE, Channels, Sheet
from mlcore.masters.row_files import RowFile
from mlcore.masters.thumbnails import exif_without
from mlcore.masters.vips import libvips
from mlcore.masters.xmp import losses

_EXIF_MARK = b"Exif\0\0"


def read_webp(path: Path) -> Found:
    """Look into a WebP; of an animation, the first picture counts. Raises MasterError."""

    def load() -> Any:
        return libvips().Image.webpload(str(path), access="sequential", fail_on="error")

    image = header_of(load, path.name)
    check_size(path.name, image.width, image.height)

    def blob(name: str) -> bytes | None:
        return bytes(image.get(name)) if image.get_typeof(name) else None

    block = (blob("exif-data") or b"").removeprefix(_EXIF_MARK)
    exif = exif_without(block) or None
    carried = Carried(icc_profile=blob("icc-profile-data"), exif=exif, xmp=blob("xmp-data"))
    alpha = image.bands == 4
    sheet = Sheet(
        image.height,
        image.width,
        "rgb",
        np.uint8,
        fill_by_vips(load, path.name),
        extras=int(alpha),
        alpha=0 if alpha else None,
        orientation=orientation_of(exif),
        icc_profile=carried.icc_profile,
    )
    notes = {
        "further-pictures-dropped": image.get_typeof("n-pages") and image.get("n-pages") > 1,
        "previews-dropped": exif != (block or None),
    }
    held = {note for note, holds in notes.items() if holds} | losses(carried.xmp)
    return Found("webp", [sheet], carried, sorted(held))


def read_bmp(path: Path) -> Found:
    """Look into a BMP. Raises MasterError."""
    try:
        with Image.open(path, formats=("BMP",)) as image:
            width, height, mode = image.width, image.height, image.mode
            dpi = image.info.get("dpi")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MasterError("mlcore:master:too-large", f"{path.name}: {error}") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise truncated(path.name, error) from error
    check_size(path.name, width, height)
    channels: Channels = "grey" if mode in {"1", "L"} else "rgb"
    alpha = mode == "RGBA"
    sheet = Sheet(
        height, width, channels, np.uint8, _fill_bmp(path), extras=int(alpha), alpha=0 if alpha else None
    )
    density = (dpi[0] / 0.0254, dpi[1] / 0.0254) if dpi and min(dpi) > 0 else None
    notes = {"palette-to-rgb": mode == "P", "low-depth-to-8-bit": mode == "1"}
    return Found("bmp", [sheet], Carried(density=density), [note for note, holds in notes.items() if holds])


def _fill_bmp(path: Path) -> Callable[[RowFile], None]:
    def fill(rows: RowFile) -> None:
        height, width, _ = rows.shape
        step = max(1, BYTES_AT_ONCE // (4 * width))
        try:
            with Image.open(path, formats=("BMP",)) as image:
                assert isinstance(image, BmpImageFile)
                raw = image.tile[0].codec_name == "raw"
                for top in range(0, height, step):
                    bottom = min(height, top + step)
                    band = _raw_rows(path, image, top, bottom) if raw else image.crop((0, top, width, bottom))
                    plain = band.convert({"1": "L", "P": "RGB"}.get(band.mode, band.mode))
                    rows.write(top, np.asarray(plain).reshape(bottom - top, width, -1))
        except (OSError, ValueError, SyntaxError) as error:
            raise truncated(path.name, error) from error

    return fill


def _raw_rows(path: Path, image: BmpImageFile, top: int, bottom: int) -> Image.Image:
    """Rows of an uncompressed BMP, which Pillow by itself decodes only whole."""
    _, _, offset, arguments = image.tile[0]
    assert isinstance(arguments, tuple)  # those of the raw decoder
    raw_mode, stride, direction = arguments
    first = top if direction == 1 else image.height - bottom
    with path.open("rb") as file:
        file.seek(offset + first * stride)
        data = file.read((bottom - top) * stride)
    size = (image.width, bottom - top)
    band = Image.frombytes(image.mode, size, data, "raw", raw_mode, stride, direction)
    if image.palette is not None:
        band.putpalette(image.palette)
    return band
