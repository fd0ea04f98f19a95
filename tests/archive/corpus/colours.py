"""ICC profiles written byte by byte, and the exact arithmetic of what they mean."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from tests.archive.corpus.samples import Floats

D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _white(x: float, y: float) -> Floats:
    return np.array([x / y, 1, (1 - x - y) / y])


D65 = _white(0.3127, 0.3290)


def _adapted(source: Floats, target: Floats) -> Floats:
    """Bradford's matrix from one white to another."""
    gains = (_BRADFORD @ target) / (_BRADFORD @ source)
    return np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD


def _colorants(primaries: Sequence[tuple[float, float]], white: Floats) -> Floats:
    """RGB to XYZ under D50."""
    columns = np.stack([_white(x, y) for x, y in primaries], axis=1)
    return _adapted(white, D50) @ columns @ np.diag(np.linalg.solve(columns, white))


_SRGB = _colorants([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)], D65)


def srgb_decoded(values: Floats) -> Floats:
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def srgb_encoded(light: Floats) -> Floats:
    """Light, clipped to what sRGB can show."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def xyz_shown(xyz: Floats) -> Floats:
    """XYZ under D50, (..., 3), as encoded sRGB."""
    return srgb_encoded(xyz @ np.linalg.inv(_SRGB).T)


def lab_shown(lab: Floats) -> Floats:
    """CIE Lab under D50 as encoded sRGB."""
    y = (lab[..., 0] + 16) / 116
    cubes = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    return xyz_shown(np.where(cubes > 6 / 29, cubes**3, 3 * (6 / 29) ** 2 * (cubes - 4 / 29)) * D50)


def xyz_to_lab(xyz: Floats) -> Floats:
    """XYZ under D50 to CIE Lab."""
    ratios = xyz / D50
    cubes = np.where(ratios > (6 / 29) ** 3, np.cbrt(ratios), ratios / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(cubes, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def srgb_to_lab(values: Floats) -> Floats:
    """Encoded sRGB to CIE Lab under D50."""
    return xyz_to_lab(srgb_decoded(values) @ _SRGB.T)


@dataclass(frozen=True)
class Rgb:
    """A working space of three primaries; `gamma` None stands for sRGB's curve."""

    primaries: tuple[tuple[float, float], ...]
    white: tuple[float, float]
    gamma: float | None

    def shown(self, values: Floats) -> Floats:
        light = srgb_decoded(values) if self.gamma is None else values**self.gamma
        return xyz_shown(light @ self._matrix.T)

    def profile(self) -> bytes:
        colorants = zip((b"rXYZ", b"gXYZ", b"bXYZ"), self._matrix.T, strict=True)
        tags = {name: _xyz(column) for name, column in colorants}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(self.gamma))
        return _profile(b"mntr", b"RGB ", b"XYZ ", tags)

    @property
    def _matrix(self) -> Floats:
        return _colorants(self.primaries, _white(*self.white))


_D65_XY, _D50_XY = (0.3127, 0.3290), (0.3457, 0.3585)
SRGB = Rgb(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), _D65_XY, None)
ADOBE_RGB = Rgb(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), _D65_XY, 563 / 256)
DISPLAY_P3 = Rgb(((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), _D65_XY, None)
PROPHOTO = Rgb(((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), _D50_XY, 1.8)
LINEAR = Rgb(SRGB.primaries, _D65_XY, 1.0)
SWAPPED = Rgb((SRGB.primaries[2], SRGB.primaries[0], SRGB.primaries[1]), _D65_XY, None)
"""Of a profile that nobody can overlook: red is shown blue, green red."""


def grey_profile(gamma: float | None) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _curve(gamma)})


def grey_through(values: Floats, gamma: float | None) -> Floats:
    """(H, W) to encoded sRGB, (H, W, 3)."""
    light = srgb_decoded(values) if gamma is None else values**gamma
    return np.repeat(srgb_encoded(light)[..., None], 3, axis=2)


def press_lab(inks: Floats) -> Floats:
    """(..., 4) in [0, 1] to CIE Lab: a soft, slightly yellow paper and inks that are not clean."""
    transmitted = np.ones((*inks.shape[:-1], 3)) * np.array([0.90, 0.88, 0.80])
    passes = np.array([[0.08, 0.45, 0.75], [0.72, 0.10, 0.30], [0.92, 0.80, 0.08], [0.04, 0.04, 0.04]])
    for number in range(4):
        transmitted = transmitted * (1 - inks[..., number : number + 1] * (1 - passes[number]))
    return xyz_to_lab(np.clip(transmitted, 0, 1) @ _SRGB.T)


@cache
def press_profile() -> bytes:
    """A CMYK profile of `press_lab`, as a table of 11 steps an ink."""
    return _table_profile(b"prtr", b"CMYK", 4, 11, press_lab)


def scanner_lab(values: Floats) -> Floats:
    """(..., 3) in [0, 1] to CIE Lab: a scanner that sees too warm and too dark."""
    lab = srgb_to_lab(np.clip(values, 0, 1) ** 1.2)
    warm = 4 * lab[..., :1] / 100 * (1 - lab[..., :1] / 100)
    return lab * np.array([0.97, 0.85, 0.85]) + np.array([0.0, -3.0, 6.0]) * warm


@cache
def scanner_profile() -> bytes:
    """An RGB profile of `scanner_lab`, as a table of 33 steps a channel."""
    return _table_profile(b"scnr", b"RGB ", 3, 33, scanner_lab)


def _table_profile(
    kind: bytes, space: bytes, channels: int, steps: int, lab_of: Callable[[Floats], Floats]
) -> bytes:
    axes = np.meshgrid(*[np.linspace(0, 1, steps)] * channels, indexing="ij")
    lab = lab_of(np.stack(axes, axis=-1).reshape(-1, channels))
    # ICC.1:2001, 6.5.10: 16-bit Lab counts lightness to 0xFF00 and tints from 0x8000 in steps of 1/256.
    words = np.clip(np.rint(np.stack([lab[:, 0] * 652.8, *((lab[:, 1:].T + 128) * 256)], axis=1)), 0, 65535)
    identity = np.diag([65536] * 3).astype(">i4").tobytes()
    line = struct.pack(">HH", 0, 65535)
    table = (
        b"mft2\0\0\0\0"
        + bytes([channels, 3, steps, 0])
        + identity
        + struct.pack(">HH", 2, 2)
        + line * channels
        + words.astype(">u2").tobytes()
        + line * 3
    )
    return _profile(kind, space, b"Lab ", {b"A2B0": table, b"A2B1": table})


def _xyz(values: Floats) -> bytes:
    return b"XYZ \0\0\0\0" + np.rint(values * 65536).astype(">i4").tobytes()


def _curve(gamma: float | None) -> bytes:
    if gamma is not None:
        return b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(gamma * 256))
    table = np.rint(srgb_decoded(np.linspace(0, 1, 4096)) * 65535).astype(">u2").tobytes()
    return b"curv\0\0\0\0" + struct.pack(">I", 4096) + table


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """ICC version 2.4."""
    text = b"made for a test"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + bytes(79)
    everything = {b"desc": description, b"cprt": b"text\0\0\0\0" + text + b"\0", b"wtpt": _xyz(D50)} | tags
    place = 128 + 4 + 12 * len(everything)
    table, body = struct.pack(">I", len(everything)), b""
    for name, data in everything.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"test", 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _xyz(D50)[8:]
    return head.ljust(128, b"\0") + table + body
