"""A sample, and the picture that all of them are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import data

Floats = NDArray[np.float64]

HEIGHT, WIDTH = 120, 400
_TOP, _LEFT = 75, 60
_RAINBOW = 24


@dataclass(frozen=True, slots=True)
class Sample:
    """`make` returns the file's bytes. `shown` is told them and returns how it must look at full size,
    upright: (H, W, 3) in [0, 1], encoded as sRGB. `media_type` is what it is.
    """

    media_type: str
    make: Callable[[], bytes]
    shown: Callable[[bytes], Floats]


@cache
def rgb8() -> NDArray[np.uint8]:
    """A face and soft grounds above, a rainbow from grey to full colour below: (H, W, 3) uint8."""
    picture = data.astronaut()[_TOP : _TOP + HEIGHT, _LEFT : _LEFT + WIDTH].copy()
    hue = np.linspace(0, 2 * np.pi, WIDTH, endpoint=False)[None, :, None]
    strength = np.linspace(0, 1, _RAINBOW)[:, None, None]
    wheel = 0.5 + 0.5 * strength * np.cos(hue - np.array([0, 2, 4]) * np.pi / 3)
    picture[-_RAINBOW:] = np.rint(wheel * 255)
    picture.setflags(write=False)
    return picture


@cache
def rgb16() -> NDArray[np.uint16]:
    """The same, with more between the steps."""
    fine = rgb8().astype(np.float64) * 257 + np.random.default_rng(0).uniform(-120, 120, rgb8().shape)
    return np.clip(np.rint(fine), 0, 65535).astype(np.uint16)


@cache
def grey8() -> NDArray[np.uint8]:
    """(H, W) uint8."""
    return np.rint(rgb8() @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


@cache
def grey16() -> NDArray[np.uint16]:
    """(H, W) uint16."""
    return np.rint(rgb16() @ np.array([0.299, 0.587, 0.114])).astype(np.uint16)


@cache
def alpha8() -> NDArray[np.uint8]:
    """(H, W) uint8: see-through at the left, solid at the right."""
    return np.tile(np.rint(np.linspace(0, 255, WIDTH)).astype(np.uint8), (HEIGHT, 1))


@cache
def inks8() -> NDArray[np.uint8]:
    """(H, W, 4) uint8, 255 full ink: a separation with half of the grey in black."""
    inks = 255 - rgb8().astype(np.float64)
    black = inks.min(axis=2, keepdims=True) * 0.5
    colours = (inks - black) / np.maximum(1 - black / 255, 1e-6)
    return np.rint(np.concatenate([colours, black], axis=2)).astype(np.uint8)


def unit(samples: NDArray[Any]) -> Floats:
    """Whole numbers of any depth to [0, 1]."""
    return samples.astype(np.float64) / np.iinfo(samples.dtype).max


def grey_shown(samples: NDArray[Any]) -> Floats:
    """(H, W) in [0, 1] as three equal channels."""
    return np.repeat(samples[..., None], 3, axis=2)


def fixed(picture: Floats) -> Callable[[bytes], Floats]:
    """For lossless files: how they look does not depend on the bytes."""
    return lambda content: picture


def on_white(picture: Floats, alpha: Floats) -> Floats:
    """Laid on white, in encoded numbers as all viewers do."""
    return picture * alpha[..., None] + 1 - alpha[..., None]


def plain_inks(inks: Floats) -> Floats:
    """(H, W, 4) in [0, 1], full ink 1, without a profile: every ink takes its share of the light away."""
    return (1 - inks[..., :3]) * (1 - inks[..., 3:])
