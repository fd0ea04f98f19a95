"""Files that are a picture to one reader, and a page, a program or an archive to another."""

import io
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import tifffile
from PIL import Image, PngImagePlugin

from tests import pictures
from tests.archive.hostile.bombs import bmp, canvas, good_png, png_chunk, riff, segment, with_segments

PAYLOAD = b"<html><script>document.title='hurt-by-polyglot'</script></html>"
MARK = b"hurt-by-polyglot"


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.html", PAYLOAD)
    return buffer.getvalue()


def _tiff() -> bytes:
    file = io.BytesIO()
    pixels = np.zeros((48, 64, 3), np.uint8)
    tifffile.imwrite(file, pixels, photometric="rgb", description=PAYLOAD.decode(), software=PAYLOAD.decode())
    return file.getvalue()


def _tiff_of_html_pixels() -> bytes:
    """Uncompressed: what the page says stands in the pixels themselves."""
    text = (PAYLOAD * 200)[: 48 * 64 * 3]
    file = io.BytesIO()
    tifffile.imwrite(file, np.frombuffer(text, np.uint8).reshape(48, 64, 3), photometric="rgb")
    return file.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = PAYLOAD.decode()
    return pictures.encoded(pictures.gradient(), "JPEG", exif=exif)


def _png_texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    for key in ("Title", "Comment", "Software"):
        texts.add_text(key, PAYLOAD.decode())
    return pictures.encoded(pictures.gradient(), "PNG", pnginfo=texts)


def _webp() -> bytes:
    still = pictures.encoded(pictures.gradient(16, 16), "WEBP", lossless=True)
    size = struct.unpack_from("<I", still, 16)[0]
    picture = (still[12:16], still[20 : 20 + size])
    return riff(canvas(16, 16, 0x04), picture, (b"XMP ", PAYLOAD))


def _bmp() -> bytes:
    """To JavaScript: the assignment of a variable BM, behind a comment."""
    content = bytearray(bmp(8, 8, body=bytes(192)) + b"*/=1;document.title='hurt-by-polyglot'")
    content[2:4] = b"/*"
    return bytes(content)


TAKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "jpeg and html, in a comment": (lambda: with_segments(segment(0xFE, PAYLOAD)), "image/jpeg"),
    "jpeg and html, in exif": (_exif, "image/jpeg"),
    "jpeg and html, behind the picture": (lambda: pictures.jpeg() + PAYLOAD, "image/jpeg"),
    "jpeg and zip": (lambda: pictures.jpeg() + _zip(), "image/jpeg"),
    "jpeg and pdf": (
        lambda: with_segments(
            segment(0xFE, b"\n%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript>>>>" + PAYLOAD)
        ),
        "image/jpeg",
    ),
    "jpeg and javascript": (
        lambda: with_segments(segment(0xFE, b"*/=1;/*" + PAYLOAD + b"*/document.title='hurt-by-polyglot'//")),
        "image/jpeg",
    ),
    "jpeg and php": (
        lambda: with_segments(segment(0xFE, b"<?php system($_GET[0]); ?>" + PAYLOAD)),
        "image/jpeg",
    ),
    "png and html, as texts": (_png_texts, "image/png"),
    "png and html, in a chunk of its own": (lambda: good_png(png_chunk(b"htMl", PAYLOAD)), "image/png"),
    "png and zip": (lambda: pictures.png() + _zip(), "image/png"),
    "png and svg": (
        lambda: (
            pictures.png()
            + b"<svg xmlns='http://www.w3.org/2000/svg'><script>"
            + PAYLOAD
            + b"</script></svg>"
        ),
        "image/png",
    ),
    "tiff and html, in tags": (_tiff, "image/tiff"),
    "tiff and html, in the pixels": (_tiff_of_html_pixels, "image/tiff"),
    "webp and html, as xmp": (_webp, "image/webp"),
    "bmp and javascript": (_bmp, "image/bmp"),
}
"""Sound pictures, and the type that they are given out with."""

REFUSED: dict[str, Callable[[], bytes]] = {
    "gif and javascript": lambda: b"GIF89a/*" + bytes(20) + b"*/=1;document.title='hurt-by-polyglot'",
    "svg with a script": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "pdf and jpeg": lambda: b"%PDF-1.4\n" + pictures.jpeg(),
    "html and jpeg": lambda: PAYLOAD + pictures.jpeg(),
    "zip and png": lambda: _zip() + pictures.png(),
    "javascript": lambda: b"/*" + pictures.png() + b"*/",
    "xml": lambda: b"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'/>",
}
