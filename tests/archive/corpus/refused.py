"""Kinds that are refused, and by which name; None for what is no picture at all, or a broken one."""

import struct
from collections.abc import Callable

import imagecodecs
import numpy as np
from PIL import Image

from tests import pictures
from tests.archive.corpus.samples import HEIGHT, WIDTH, grey8, grey16, rgb8
from tests.archive.corpus.tiffs import written


def _pillow(format: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Callable[[], bytes]:
    return lambda: pictures.encoded(Image.fromarray(rgb8()).resize(size), format)


def _media(brand: bytes) -> Callable[[], bytes]:
    """The first box of a file of MPEG's family."""
    return lambda: struct.pack(">I4s4sI4s4s", 24, b"ftyp", brand, 0, brand, b"mif1") + bytes(500)


def _dng() -> bytes:
    return written(rgb8(), extratags=[(50706, 1, 4, bytes([1, 4, 0, 0]), True)])


def _sensor() -> bytes:
    pattern = [(33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)]
    return written(grey16(), photometric="cfa", extratags=pattern)


def _canon() -> bytes:
    whole = written(rgb8())
    return whole[:8] + b"CR\2\0" + whole[12:]


REFUSED: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "gif": (_pillow("GIF"), "GIF"),
    "heic": (_media(b"heic"), "HEIC"),
    "heif of several pictures": (_media(b"mif1"), "HEIC"),
    "avif": (_media(b"avif"), "AVIF"),
    "jpeg xl": (lambda: imagecodecs.jpegxl_encode(rgb8()), "JPEG XL"),
    "jpeg 2000": (lambda: imagecodecs.jpeg2k_encode(rgb8(), codecformat="jp2"), "JPEG 2000"),
    "jpeg 2000 codestream": (lambda: imagecodecs.jpeg2k_encode(rgb8(), codecformat="j2k"), "JPEG 2000"),
    "jpeg xr": (lambda: imagecodecs.jpegxr_encode(rgb8()), "JPEG XR"),
    "jpeg-ls": (lambda: imagecodecs.jpegls_encode(rgb8()), "JPEG-LS"),
    "jpeg of 12 bits": (lambda: imagecodecs.jpeg8_encode(grey16() >> 4, bitspersample=12), "12-bit JPEG"),
    "svg": (
        lambda: b'<?xml version="1.0"?>\n<!-- made -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        "SVG",
    ),
    "svg without declaration": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG"),
    "pdf": (_pillow("PDF"), "PDF"),
    "postscript": (_pillow("EPS"), "PostScript"),
    "photoshop": (lambda: b"8BPS\0\1" + bytes(500), "Photoshop"),
    "dng": (_dng, "DNG"),
    "canon raw": (_canon, "Canon CR2"),
    "newer canon raw": (_media(b"crx "), "Canon CR3"),
    "raw of a sensor": (_sensor, "camera raw"),
    "fujifilm raw": (lambda: b"FUJIFILMCCD-RAW 0201" + bytes(500), "Fujifilm RAF"),
    "film": (_media(b"mp42"), "MP4"),
    "quicktime film": (_media(b"qt  "), "QuickTime"),
    "icon": (_pillow("ICO", (64, 64)), "ICO"),
    "ppm": (_pillow("PPM"), "PPM"),
    "pcx": (_pillow("PCX"), "PCX"),
    "qoi": (lambda: imagecodecs.qoi_encode(rgb8()), "QOI"),
    "zip": (lambda: b"PK\3\4" + bytes(500), "ZIP"),
    "complex tiff": (lambda: written(grey8().astype(np.complex64)), "complex TIFF"),
    "tiff of 64-bit numbers": (lambda: written(grey8().astype(np.uint64)), "64-bit TIFF"),
    "tga": (_pillow("TGA"), None),
    "text": (lambda: b"Dear archive, please find enclosed", None),
    "a text that begins as bmp": (lambda: b"BM is how Windows' pictures begin", None),
    "tiff without a page": (lambda: b"II*\0\0\0\0\0", None),
    "png without anything": (lambda: b"\x89PNG\r\n\x1a\n", None),
    "jpeg without a scan": (lambda: b"\xff\xd8\xff\xd9", None),
}
