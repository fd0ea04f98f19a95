"""What a picture's numbers mean: its ICC profile, or one made from what the file says in other words.

PNG may give a code (cICP), or gamma and primaries (gAMA, cHRM); cameras say "Adobe RGB" in EXIF alone.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

from archive.formats.decoding import libvips
from archive.formats.png_chunks import BrokenPng, chunks

ICC_FIELD = "icc-profile-data"
"""Where libvips keeps a picture's profile."""

_SPACES = {1: "GRAY", 3: "RGB", 4: "CMYK"}

_Pair = tuple[float, float]
_D65: _Pair = (0.3127, 0.3290)
_SRGB: tuple[_Pair, ...] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_ADOBE_RGB: tuple[_Pair, ...] = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_ADOBE_GAMMA = 563 / 256
# ITU-T H.273: primaries (all under D65), and transfer functions that are plain enough for a photograph.
_PRIMARIES = {
    1: _SRGB,
    9: ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046)),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}
_GAMMAS: dict[int, float | None] = {4: 2.2, 8: 1.0, 13: None}
_USUAL_GAMMA, _NEAR = 1 / 2.2, 0.01

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def meant_profile(image: Any, path: Path, format: str) -> bytes | None:
    """The ICC profile by which `image` is to be shown; it is opaque, of libvips, from the file at `path`, of
    Pillow's `format`. None where the file says nothing that can be used: then it is taken for sRGB.
    """
    coded, described = _said_by_png(path) if format == "PNG" else (None, None)
    if format == "JPEG" and _field(image, "exif-ifd4-InteroperabilityIndex").startswith("R03"):
        described = rgb_profile(_ADOBE_RGB, _D65, _ADOBE_GAMMA)
    embedded = bytes(image.get(ICC_FIELD)) if image.get_typeof(ICC_FIELD) else None
    # As the PNG specification orders them; what the file says without a profile counts only where none is.
    candidates = [coded, embedded] if embedded else [coded, described]
    return next((each for each in candidates if each and _fits(each, image.bands)), None)


def with_profile(image: Any, profile: bytes) -> Any:
    """The libvips `image` with the ICC `profile` embedded."""
    labelled = image.copy()
    labelled.set_type(libvips().GValue.blob_type, ICC_FIELD, profile)
    return labelled


def _fits(profile: bytes, bands: int) -> bool:
    """Whether the profile can be read and is of the picture's own kind."""
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False
    return space.strip() == _SPACES.get(bands)


def _field(image: Any, name: str) -> str:
    return str(image.get(name)) if image.get_typeof(name) else ""


def _said_by_png(path: Path) -> tuple[bytes | None, bytes | None]:
    """Profiles of what a PNG says: by code, and by gamma and primaries."""
    found: dict[bytes, bytes] = {}
    with path.open("rb") as file:
        try:
            for chunk in chunks(file, path.stat().st_size):
                if chunk.kind == b"IDAT":
                    break
                if chunk.kind in {b"cICP", b"gAMA", b"cHRM", b"sRGB"}:
                    file.seek(chunk.body)
                    found[chunk.kind] = file.read(chunk.size)
        except BrokenPng:
            return None, None
    return _by_code(found.get(b"cICP", b"")), None if b"sRGB" in found else _by_gamma(found)


def _by_code(body: bytes) -> bytes | None:
    if len(body) != 4 or body[0] not in _PRIMARIES or body[1] not in _GAMMAS or body[2:] != b"\0\1":
        return None
    return rgb_profile(_PRIMARIES[body[0]], _D65, _GAMMAS[body[1]])


def _by_gamma(found: dict[bytes, bytes]) -> bytes | None:
    if len(found.get(b"gAMA", b"")) != 4:
        return None
    gamma = int.from_bytes(found[b"gAMA"], "big") / 100_000
    if not 0.1 < gamma < 10:
        return None
    white, primaries = _D65, _SRGB
    if len(found.get(b"cHRM", b"")) == 32:
        numbers = [number / 100_000 for number in struct.unpack(">8I", found[b"cHRM"])]
        white, *rest = zip(numbers[::2], numbers[1::2], strict=True)
        primaries = tuple(rest)
    if np.allclose(primaries, _SRGB, rtol=0, atol=_NEAR) and abs(gamma - _USUAL_GAMMA) < _NEAR:
        return None
    return rgb_profile(primaries, white, 1 / gamma)


def rgb_profile(primaries: Sequence[_Pair], white: _Pair, gamma: float | None) -> bytes | None:
    """An ICC profile (version 2.4) of three primaries and a white, as CIE x and y; with sRGB's curve where
    `gamma` is None. None where these span no space."""
    try:
        columns = np.stack([_xyz(*pair) for pair in primaries], axis=1)
        light = columns @ np.diag(np.linalg.solve(columns, _xyz(*white)))
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ _xyz(*white))
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD @ light
    if not np.isfinite(adapted).all() or np.abs(adapted).max() > 4:
        return None
    colorants = zip((b"rXYZ", b"gXYZ", b"bXYZ"), adapted.T, strict=True)
    tags = {b"wtpt": _numbers(_D50)} | {name: _numbers(column) for name, column in colorants}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma))
    return _profile(tags)


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1, (1 - x - y) / y])


def _numbers(values: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + np.rint(values * 65536).astype(">i4").tobytes()


def _curve(gamma: float | None) -> bytes:
    values = np.linspace(0, 1, 4096)
    if gamma is None:
        light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    else:
        light = values**gamma
    return b"curv\0\0\0\0" + struct.pack(">I", len(light)) + np.rint(light * 65535).astype(">u2").tobytes()


def _profile(tags: dict[bytes, bytes]) -> bytes:
    text = b"as the file says"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + bytes(79),
        b"cprt": b"text\0\0\0\0" + text + b"\0",
    } | tags
    place = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _numbers(_D50)[8:]
    return head.ljust(128, b"\0") + table + body
