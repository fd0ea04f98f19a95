"""How photographs look without being damaged: faded, toned, grainy, soft, screened for print, compressed.

A finder that has never seen them takes them for damage. Looks of the print lie under the damage, those of the
scan over it; both halves of a pair get the same, so nothing here is to be restored.

Pictures are (n, 3, H, W) float32 in [0, 255]; ``values`` is (n, k), what ``draw`` chose for each.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional

from mlcore.composing import LUMA

TILE = 512
"""Pixels; side of the noise that all grain is cut from."""
BLUR_REACH = 5
"""Pixels to either side that softness looks at."""
Values = tuple[float, ...]
Chosen = dict[str, Values]
"""The looks of one picture, by name."""


@dataclass(frozen=True, slots=True)
class Look:
    """``draw`` chooses its strength, ``apply`` gives the pictures that look. ``scan``: over the damage."""

    name: str
    draw: Callable[[Generator], Values]
    apply: Callable[[Tensor, Tensor], Tensor]
    scan: bool = False


def choose_looks(rng: Generator, chance: float, grain: float) -> Chosen:
    """Each look with ``chance``; grain, of the print or of the scan, with a chance of its own."""
    chosen: Chosen = {}
    grainy = "grain" if rng.random() < 0.5 else "noise"
    for look in LOOKS:
        odds = chance if look.name not in {"grain", "noise"} else grain * (look.name == grainy)
        if rng.random() < odds:
            chosen[look.name] = look.draw(rng)
    return chosen


def apply_looks(pictures: Tensor, chosen: Sequence[Chosen], names: Sequence[str]) -> Tensor:
    """Those looks of ``names`` that were chosen for each picture; whole numbers in [0, 255] again."""
    for look in LOOKS:
        places = [place for place, looks in enumerate(chosen) if look.name in looks]
        if look.name not in names or not places:
            continue
        values = torch.tensor([chosen[place][look.name] for place in places])
        at = torch.tensor(places).to(pictures.device, non_blocking=True)
        changed = look.apply(pictures[at], values.to(pictures.device, non_blocking=True))
        pictures = pictures.index_copy(0, at, changed.round_().clamp_(0, 255))
    return pictures


def fade(pictures: Tensor, values: Tensor) -> Tensor:
    """Less contrast, towards paper: black (``values`` 0) and white (1), both as levels."""
    black, white = _each(values, 0), _each(values, 1)
    return black + pictures * ((white - black) / 255)


def tone(pictures: Tensor, values: Tensor) -> Tensor:
    """Sepia, selenium, cyanotype or a colour cast: luma times a tint (0 to 2), mixed in by a share (3)."""
    luma = _luma(pictures)
    tint = torch.cat([_each(values, channel) for channel in range(3)], dim=1)
    # Toning leaves black and white where they were.
    toned = luma * (1 + (tint - 1) * 2 * (luma / 255) * (1 - luma / 255)) * (tint + 1) / 2
    share = _each(values, 3)
    return pictures * (1 - share) + toned * share


def vignette(pictures: Tensor, values: Tensor) -> Tensor:
    """Darker (or, negative, paler) away from a centre (0, 1 in [-1, 1]), by a share (2) at the far corner."""
    height, width = pictures.shape[-2:]
    rows = torch.linspace(-1, 1, height, device=pictures.device).view(1, 1, height, 1)
    columns = torch.linspace(-1, 1, width, device=pictures.device).view(1, 1, 1, width)
    distance = (rows - _each(values, 0)).square() + (columns - _each(values, 1)).square()
    shade = _each(values, 2) * (distance / 4).clamp(max=1)
    return pictures * (1 - shade.clamp(min=0)) + (pictures - 255) * shade.clamp(max=0)


def soften(pictures: Tensor, values: Tensor) -> Tensor:
    """Gaussian blur of a deviation (0) in pixels."""
    count, channels, height, width = pictures.shape
    offsets = torch.arange(-BLUR_REACH, BLUR_REACH + 1, device=pictures.device)
    weights = torch.exp(-0.5 * (offsets / values[:, :1]).square())
    weights = (weights / weights.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    flat = pictures.reshape(1, count * channels, height, width)
    flat = functional.pad(flat, (BLUR_REACH,) * 4, mode="replicate")
    flat = functional.conv2d(flat, weights[:, None, :, None], groups=count * channels)
    flat = functional.conv2d(flat, weights[:, None, None, :], groups=count * channels)
    return flat.view_as(pictures)


def roughen(pictures: Tensor, values: Tensor) -> Tensor:
    """Grain of a deviation (0) in levels, cut from the tile at (1, 2), as coarse as (3), 0 to 1; strongest in
    the middle tones by a share (4); the same in every channel."""
    height, width = pictures.shape[-2:]
    fine, coarse = (_windows(tile, values, height, width) for tile in _noise(pictures.device))
    share = _each(values, 3)
    noise = fine * (1 - share) + coarse * share
    noise = noise * torch.rsqrt(share.square() + (1 - share).square())
    middle = 4 * (pictures / 255) * (1 - pictures / 255)
    return pictures + noise * _each(values, 0) * (1 - _each(values, 4) * (1 - middle))


def screen(pictures: Tensor, values: Tensor) -> Tensor:
    """Halftone: dots of a period (0) in pixels at an angle (1), by hardness (2), mixed in by a share (3)."""
    height, width = pictures.shape[-2:]
    rows = torch.arange(height, device=pictures.device).view(1, 1, height, 1)
    columns = torch.arange(width, device=pictures.device).view(1, 1, 1, width)
    turn = 2 * math.pi / _each(values, 0)
    sine, cosine = torch.sin(_each(values, 1)), torch.cos(_each(values, 1))
    along, across = (columns * cosine + rows * sine) * turn, (rows * cosine - columns * sine) * turn
    threshold = 0.5 + 0.25 * (torch.cos(along) + torch.cos(across))
    dots = torch.sigmoid((pictures / 255 - threshold) * _each(values, 2)) * 255
    share = _each(values, 3)
    return pictures * (1 - share) + dots * share


def compress(pictures: Tensor, values: Tensor) -> Tensor:
    """JPEG's loss at a quality (0) in [1, 100].

    Quantises the cosine transform of luma and colour by the standard's own tables; colour keeps its size.
    """
    height, width = pictures.shape[-2:]
    padded = functional.pad(pictures, (0, -width % 8, 0, -height % 8), mode="replicate")
    tall, wide = padded.shape[-2:]
    luma = _luma(padded)
    red, _, blue = padded.split(1, dim=1)
    planes = torch.cat([luma - 128, (blue - luma) * 0.564, (red - luma) * 0.713], dim=1)
    quality = _each(values, 0)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    cosines, tables = _jpeg(pictures.device)
    steps = (tables * scale[..., None, None]).round().clamp(1, 255)
    blocks = planes.view(len(planes), 3, tall // 8, 8, wide // 8, 8).transpose(3, 4)
    coefficients = cosines @ blocks @ cosines.T
    coefficients = (coefficients / steps).round() * steps
    luma, bluish, reddish = (
        (cosines.T @ coefficients @ cosines).transpose(3, 4).reshape_as(planes).split(1, dim=1)
    )
    luma = luma + 128
    red, blue = luma + reddish / 0.713, luma + bluish / 0.564
    green = (luma - 0.299 * red - 0.114 * blue) / 0.587
    return torch.cat([red, green, blue], dim=1)[..., :height, :width]


def _draw_tone(rng: Generator) -> Values:
    tints = ((1.18, 1.0, 0.74), (1.1, 0.98, 0.86), (1.2, 0.86, 0.66), (0.8, 1.0, 1.2), (0.98, 1.06, 0.9))
    tint = np.array(tints[int(rng.integers(len(tints)))]) + rng.normal(0, 0.03, 3)
    return (*tint.tolist(), float(rng.choice((1.0, rng.uniform(0.2, 0.9)))))


def _draw_grain(rng: Generator) -> Values:
    return (rng.uniform(1.0, 11.0), *rng.integers(0, TILE, 2).tolist(), rng.random(), rng.random())


def _draw_vignette(rng: Generator) -> Values:
    return (rng.normal(0, 0.3), rng.normal(0, 0.3), rng.uniform(-0.35, 0.6))


def _draw_screen(rng: Generator) -> Values:
    return (rng.uniform(2.6, 6.0), rng.uniform(0, math.pi / 2), rng.uniform(3, 14), rng.uniform(0.2, 0.9))


LOOKS = (
    Look("vignette", _draw_vignette, vignette),
    Look("softness", lambda rng: (rng.uniform(0.4, 1.8),), soften),
    Look("grain", _draw_grain, roughen),
    Look("fading", lambda rng: (rng.uniform(5, 100), rng.uniform(165, 255)), fade),
    Look("tone", _draw_tone, tone),
    Look("halftone", _draw_screen, screen),
    Look("scan_softness", lambda rng: (rng.uniform(0.4, 1.1),), soften, scan=True),
    Look("noise", _draw_grain, roughen, scan=True),
    Look("compression", lambda rng: (rng.uniform(15, 90),), compress, scan=True),
)
PRINT = tuple(look.name for look in LOOKS if not look.scan)
"""Looks of the photograph itself, under the damage."""
BLURRING = ("scan_softness",)
"""Looks of the scan that move the damage's outline."""
SCAN = tuple(look.name for look in LOOKS if look.scan and look.name not in BLURRING)
"""Other looks of the scan, over the damage."""


def _each(values: Tensor, column: int) -> Tensor:
    return values[:, column].view(-1, 1, 1, 1)


def _luma(pictures: Tensor) -> Tensor:
    red, green, blue = pictures.split(1, dim=1)
    luma: Tensor = red * LUMA[0] + green * LUMA[1] + blue * LUMA[2]
    return luma


def _windows(tile: Tensor, values: Tensor, height: int, width: int) -> Tensor:
    """A window of the tile for each picture, where its ``values`` 1 and 2 say: (n, 1, height, width)."""
    rows = (torch.arange(height, device=tile.device) + values[:, 1:2].long()) % TILE
    columns = (torch.arange(width, device=tile.device) + values[:, 2:3].long()) % TILE
    return tile[rows[:, None, :, None], columns[:, None, None, :]]


@lru_cache(maxsize=4)
def _noise(device: torch.device) -> tuple[Tensor, Tensor]:
    """Fine and coarse grain (TILE, TILE), deviation 1; the same on every device."""
    fine = torch.from_numpy(np.random.default_rng(0).standard_normal((TILE, TILE), dtype=np.float32))
    padded = functional.pad(fine[None, None], (1, 1, 1, 1), mode="circular")
    coarse = functional.avg_pool2d(padded, 3, stride=1)[0, 0]
    return fine.to(device), (coarse / coarse.std()).to(device)


@lru_cache(maxsize=4)
def _jpeg(device: torch.device) -> tuple[Tensor, Tensor]:
    """The 8-point cosine transform (8, 8), and the tables of ITU-T T.81, annex K, as (1, 3, 1, 1, 8, 8)."""
    index = torch.arange(8, dtype=torch.float32)
    cosines = torch.cos((2 * index[None] + 1) * index[:, None] * math.pi / 16) / 2
    cosines[0] /= math.sqrt(2)
    luma = (
        (16, 11, 10, 16, 24, 40, 51, 61),
        (12, 12, 14, 19, 26, 58, 60, 55),
        (14, 13, 16, 24, 40, 57, 69, 56),
        (14, 17, 22, 29, 51, 87, 80, 62),
        (18, 22, 37, 56, 68, 109, 103, 77),
        (24, 35, 55, 64, 81, 104, 113, 92),
        (49, 64, 78, 87, 103, 121, 120, 101),
        (72, 92, 95, 98, 112, 100, 103, 99),
    )
    colour = torch.full((8, 8), 99.0)
    colour[:4, :4] = torch.tensor([[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]])
    tables = torch.stack([torch.tensor(luma, dtype=torch.float32), colour, colour])
    return cosines.to(device), tables.view(1, 3, 1, 1, 8, 8).to(device)
