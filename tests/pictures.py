"""Pictures made in memory, so that no test needs a file of its own. Every function returns a file's bytes."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFilter

EXIF_ORIENTATION = 0x0112


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    """Red grows to the right, green grows downwards, blue is even: every corner is another colour."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, axis=0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, axis=1)
    pixels = np.stack([x, y, np.full_like(x, 128)], axis=-1)
    return Image.fromarray(np.rint(pixels).astype(np.uint8))


def portrait(width: int = 128, height: int = 160, *, seed: int = 0) -> Image.Image:
    """Something with the make-up of a studio portrait: soft ground, head and shoulders, eyes, mouth, a little
    grain."""
    image = gradient(width, height).convert("L").convert("RGB")
    draw = ImageDraw.Draw(image)

    def ellipse(cx: float, cy: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
        box = ((cx - rx) * width, (cy - ry) * height, (cx + rx) * width, (cy + ry) * height)
        draw.ellipse(box, fill=colour)

    ellipse(0.5, 1.05, 0.42, 0.32, (70, 60, 58))
    ellipse(0.5, 0.38, 0.27, 0.30, (60, 42, 30))
    ellipse(0.5, 0.45, 0.22, 0.27, (214, 172, 146))
    for side in (-1, 1):
        ellipse(0.5 + side * 0.09, 0.40, 0.035, 0.02, (250, 250, 250))
        ellipse(0.5 + side * 0.09, 0.40, 0.015, 0.018, (40, 30, 25))
    ellipse(0.5, 0.58, 0.07, 0.02, (160, 70, 70))
    grain = np.random.default_rng(seed).normal(0, 3, (height, width, 1))
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float64) + grain
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def scratched(image: Image.Image, *, seed: int = 0, scratches: int = 6) -> Image.Image:
    """Return a copy of `image` with white lines across it and a torn corner."""
    rng = np.random.default_rng(seed)
    damaged = image.convert("RGB")
    draw = ImageDraw.Draw(damaged)
    for _ in range(scratches):
        ends = rng.uniform(0, 1, 4) * [image.width, image.height, image.width, image.height]
        draw.line([tuple(ends[:2]), tuple(ends[2:])], fill=(245, 242, 235), width=max(1, image.width // 90))
    draw.polygon([(0, 0), (image.width // 5, 0), (0, image.height // 5)], fill=(255, 255, 255))
    return damaged


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """Return `image` as a file of Pillow's `format`."""
    file = io.BytesIO()
    image.save(file, format=format, **options)
    return file.getvalue()


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or gradient(), "JPEG", quality=92, **options)


def png(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or gradient(), "PNG", **options)


def rotated_jpeg(orientation: int, upright: Image.Image | None = None) -> bytes:
    """A JPEG stored turned or mirrored, whose EXIF `orientation` (1 to 8) makes it show `upright` again."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = upright or gradient()
    stored = image if undo is None else image.transpose(undo)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    return encoded(stored, "JPEG", quality=95, subsampling=0, exif=exif)


def grey16_png(width: int = 64, height: int = 48) -> bytes:
    """A 16-bit grey ramp from black to white, left to right."""
    ramp = np.linspace(0, 65535, width)[None, :].repeat(height, axis=0)
    return encoded(Image.fromarray(np.rint(ramp).astype(np.uint16)), "PNG")


def grey16_tiff(width: int = 64, height: int = 48) -> bytes:
    ramp = np.linspace(0, 65535, width)[None, :].repeat(height, axis=0)
    return encoded(Image.fromarray(np.rint(ramp).astype(np.uint16)), "TIFF")


def negative_grey16_tiff() -> bytes:
    """The ramp of `grey16_tiff`, from white to black: the same numbers, tagged "zero is white"."""
    black_is_zero = struct.pack("<HHII", 262, 3, 1, 1)
    content = grey16_tiff()
    assert content.count(black_is_zero) == 1
    return content.replace(black_is_zero, struct.pack("<HHII", 262, 3, 1, 0))


def float_tiff(width: int = 64, height: int = 48, *, white: float = 1.0) -> bytes:
    """A ramp from 0 to `white` in 32-bit floating point."""
    ramp = np.linspace(0, white, width)[None, :].repeat(height, axis=0)
    return encoded(Image.fromarray(ramp.astype(np.float32)), "TIFF")


def cmyk_jpeg() -> bytes:
    return encoded(gradient().convert("CMYK"), "JPEG", quality=95)


def lab_tiff() -> bytes:
    """A picture in CIE Lab: the left half mid grey, the right half white."""
    lightness = np.full((16, 32), 136, np.uint8)
    lightness[:, 16:] = 255
    neutral = np.full((16, 32), 128, np.uint8)
    planes = [Image.fromarray(plane) for plane in (lightness, neutral, neutral)]
    return encoded(Image.merge("LAB", planes), "TIFF")


def transparent_png() -> bytes:
    """The left half is see-through (and hides pure red), the right half is solid blue."""
    image = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (20, 0, 40, 20))
    return encoded(image, "PNG")


def palette_png() -> bytes:
    return encoded(gradient().quantize(32), "PNG")


def bilevel_tiff() -> bytes:
    return encoded(gradient().convert("1"), "TIFF", compression="group4")


def with_profile(image: Image.Image, profile: Any, format: str = "JPEG") -> bytes:
    """Return `image` with the ICC `profile` (of ImageCms) embedded."""
    return encoded(image, format, icc_profile=ImageCms.ImageCmsProfile(profile).tobytes())


def truncated(content: bytes, share: float = 0.5) -> bytes:
    """Return the first `share` of a file."""
    return content[: int(len(content) * share)]


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises `width` x `height` pixels: a decompression bomb without
    powder."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    """Return the picture in `content`, decoded."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
