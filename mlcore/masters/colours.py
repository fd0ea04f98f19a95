"""From a master's own numbers to what a network sees, and a network's change back to own numbers.

Grey and RGB go as the numbers stand in the file, at their full depth; no profile is applied, so that what the
network leaves alone is exactly what it was. Inks are converted, through their ICC profile where there is one,
and get the *difference* of two conversions, so that the separation that a printer chose stays.
"""

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mlcore.masters.vips import libvips

Floats = NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601: how a change of three channels becomes one of grey."""


def white_of(dtype: Any) -> int:
    """The largest number of uint8 or uint16."""
    return int(np.iinfo(dtype).max)


def to_range(samples: NDArray[Any]) -> Floats:
    """uint8 or uint16 of any shape to float32 in [-1, 1]."""
    scaled = samples.astype(np.float32)
    scaled /= np.float32(white_of(samples.dtype) / 2)
    scaled -= np.float32(1)
    return scaled


def to_eight_bits(seen: Floats) -> NDArray[np.uint8]:
    """The inverse for uint8: float32 in [-1, 1] of any shape, rounded; values outside are clamped."""
    white = white_of(np.uint8)
    return np.asarray(np.rint((seen + 1) * (white / 2)).clip(0, white), np.uint8)


def add_levels(samples: NDArray[Any], change: Floats) -> NDArray[Any]:
    """``samples``, uint8 or uint16, plus a ``change`` in their own steps, rounded and clamped."""
    summed = np.rint(samples + change)
    np.clip(summed, 0, white_of(samples.dtype), out=summed)
    return summed.astype(samples.dtype)


class Colours(Protocol):
    """How colour channels (rows, width, n) of a page turn into RGB and back."""

    def seen(self, samples: NDArray[Any]) -> Floats:
        """(rows, width, n) uint8 or uint16 to (rows, width, 3) float32 in [-1, 1]."""

    def changed(self, samples: NDArray[Any], seen: Floats, restored: Floats) -> NDArray[Any]:
        """``samples`` with the change from ``seen`` to ``restored``, (rows, width, 3) in [-1, 1]."""


class Grey:
    """One channel; or, ``channels=3``, three equal ones, which stay equal."""

    def __init__(self, channels: int) -> None:
        self._channels = channels

    def seen(self, samples: NDArray[Any]) -> Floats:
        return np.repeat(to_range(samples[..., :1]), 3, axis=2)

    def changed(self, samples: NDArray[Any], seen: Floats, restored: Floats) -> NDArray[Any]:
        change = np.asarray((restored - seen) @ LUMA, np.float32) * np.float32(white_of(samples.dtype) / 2)
        return np.repeat(add_levels(samples[..., :1], change[..., None]), self._channels, axis=2)


class Rgb:
    """Three channels."""

    def seen(self, samples: NDArray[Any]) -> Floats:
        return to_range(samples)

    def changed(self, samples: NDArray[Any], seen: Floats, restored: Floats) -> NDArray[Any]:
        return add_levels(samples, (restored - seen) * np.float32(white_of(samples.dtype) / 2))


class Inks:
    """CMYK, 0 no ink."""

    def __init__(self, icc_profile: bytes | None) -> None:
        self._profile = icc_profile

    def seen(self, samples: NDArray[Any]) -> Floats:
        return self._conversion.to_rgb(samples)

    def changed(self, samples: NDArray[Any], seen: Floats, restored: Floats) -> NDArray[Any]:
        difference = self._conversion.from_rgb(restored) - self._conversion.from_rgb(seen)
        return add_levels(samples, difference * np.float32(white_of(samples.dtype)))

    @cached_property
    def _conversion(self) -> "_PlainInks | _ProfiledInks":
        profiled = _ProfiledInks(self._profile) if self._profile else None
        return profiled if profiled is not None and profiled.works() else _PlainInks()


class _PlainInks:
    """Without a profile: every ink takes its share of the light away."""

    def to_rgb(self, samples: NDArray[Any]) -> Floats:
        light = np.float32(1) - samples.astype(np.float32) / np.float32(white_of(samples.dtype))
        rgb: Floats = light[..., :3] * light[..., 3:] * np.float32(2) - np.float32(1)
        return rgb

    def from_rgb(self, rgb: Floats) -> Floats:
        """[-1, 1] to inks in [0, 1], as much black as possible."""
        light = np.clip((rgb + np.float32(1)) * np.float32(0.5), 0, 1)
        brightest = light.max(axis=2, keepdims=True)
        colours = (brightest - light) / np.maximum(brightest, np.float32(1e-6))
        return np.concatenate([colours, 1 - brightest], axis=2)


class _ProfiledInks:
    """Through an ICC profile, by libvips and Little CMS, by way of Lab in floating point."""

    def __init__(self, profile: bytes) -> None:
        self._profile = profile

    def works(self) -> bool:
        """Whether the profile can be read and is one for CMYK, both ways."""
        if self._profile[16:20] != b"CMYK":
            return False
        try:
            self.from_rgb(self.to_rgb(np.zeros((1, 1, 4), np.uint8)))
        except libvips().Error:
            return False
        return True

    def to_rgb(self, samples: NDArray[Any]) -> Floats:
        image = self._with_profile(samples, "cmyk")
        lab = image.icc_import(embedded=True, pcs="lab", intent="relative", black_point_compensation=True)
        light = lab.colourspace("scrgb").numpy()
        encoded = np.where(
            light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055
        )
        rgb: Floats = (np.clip(encoded, 0, 1) * 2 - 1).astype(np.float32)
        return rgb

    def from_rgb(self, rgb: Floats) -> Floats:
        values = np.clip((rgb.astype(np.float32) + 1) / 2, 0, 1)
        light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        image = self._with_profile(light.astype(np.float32), "scrgb").colourspace("lab")
        inks = image.icc_export(pcs="lab", intent="relative", black_point_compensation=True, depth=16).numpy()
        shares: Floats = inks.astype(np.float32) / np.float32(65535)
        return shares

    def _with_profile(self, array: NDArray[Any], interpretation: str) -> Any:
        pyvips = libvips()
        image = pyvips.Image.new_from_array(np.ascontiguousarray(array)).copy(interpretation=interpretation)
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", self._profile)
        return image
