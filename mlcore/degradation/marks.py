"""The kinds of damage. Each draws one mark: how much of each pixel it covers, and with what.

Every function takes a random generator, the picture's zone to aim at (H, W bool) and a scale (1.0 for a
256-pixel picture) and gives a ``Mark``. All randomness comes from the generator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Zone = NDArray[np.bool_]
SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates: strokes land between pixels."""


@dataclass(frozen=True, slots=True)
class Mark:
    """``cover``: (H, W) float32 in [0, 1]. ``colour``: (3,) or (H, W, 3) float32 in [0, 255]."""

    cover: Floats
    colour: Floats


def scribble(rng: Generator, zone: Zone, scale: float) -> Mark:
    """A pen or wax stroke that wanders."""
    cover = np.zeros(zone.shape, np.uint8)
    points = _wander(rng, aim(rng, zone), steps=int(rng.integers(4, 12)), stride=rng.uniform(8, 30) * scale)
    _stroke(cover, _smooth(points), thickness=rng.uniform(1.0, 5.5) * scale)
    return Mark(_opacity(rng, cover, 0.65), pick_colour(rng))


def scratch(rng: Generator, zone: Zone, scale: float) -> Mark:
    """A thin, almost straight line through the emulsion, sometimes broken."""
    cover = np.zeros(zone.shape, np.uint8)
    angle = rng.uniform(0, np.pi)
    direction = np.array([np.cos(angle), np.sin(angle)])
    half = rng.uniform(15, 130) * scale
    centre = aim(rng, zone)
    along = np.linspace(-half, half, 9)[:, None]
    sway = rng.normal(0, 1.2 * scale, (9, 1)).cumsum(axis=0) * direction[::-1] * (1, -1)
    points = centre + along * direction + sway
    _stroke(cover, points, thickness=rng.uniform(1.0, 2.4) * max(1.0, scale * 0.7))
    mark = _opacity(rng, cover, 0.55)
    if rng.random() < 0.3:
        mark[_smooth_noise(rng, zone.shape, cell=12 * scale) < -0.4] = 0
    return Mark(mark, pick_colour(rng, extremes=0.8))


def specks(rng: Generator, zone: Zone, scale: float) -> Mark:
    """Dust and pinholes."""
    cover = np.zeros(zone.shape, np.uint8)
    spread = rng.uniform(10, 110) * scale
    centre = aim(rng, zone)
    for _ in range(int(rng.integers(8, 70))):
        x, y = centre + rng.normal(0, spread, 2)
        radius = rng.uniform(0.6, 2.4) * scale
        cv2.circle(cover, (_fixed(x), _fixed(y)), max(1, _fixed(radius)), 255, -1, cv2.LINE_AA, SHIFT)
    return Mark(_opacity(rng, cover, 0.7), pick_colour(rng, extremes=0.85))


def noise_patch(rng: Generator, zone: Zone, scale: float) -> Mark:
    """Fine noise over an area: grains of every grey or of salt and pepper."""
    area = _blob(rng, zone.shape, aim(rng, zone), rng.uniform(14, 60) * scale)
    grains = rng.random(zone.shape) < rng.uniform(0.12, 0.6)
    if rng.random() < 0.5:
        values = np.where(rng.random(zone.shape) < 0.5, 8.0, 247.0)[..., None].repeat(3, axis=2)
    elif rng.random() < 0.5:
        values = rng.uniform(0, 255, (*zone.shape, 1)).repeat(3, axis=2)
    else:
        values = rng.uniform(0, 255, (*zone.shape, 3))
    return Mark(((area > 0.5) & grains).astype(np.float32), values.astype(np.float32))


def blotch(rng: Generator, zone: Zone, scale: float) -> Mark:
    """An opaque spot with a ragged outline: missing emulsion, mould, spilt paint."""
    cover = _blob(rng, zone.shape, aim(rng, zone), rng.uniform(6, 24) * scale)
    return Mark(cover * np.float32(rng.uniform(0.85, 1.0)), _mottled(rng, zone.shape, scale))


def missing_patch(rng: Generator, zone: Zone, scale: float) -> Mark:
    """A larger part that is gone, often down to the paper."""
    shape = zone.shape
    centre = aim(rng, zone)
    radius = rng.uniform(16, 38) * scale
    if rng.random() < 0.6:
        cover = _blob(rng, shape, centre, radius)
    else:
        canvas = np.zeros(shape, np.uint8)
        corners = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 9))))
        reach = radius * rng.uniform(0.6, 1.25, (corners.size, 1))
        outline = centre + reach * np.stack([np.cos(corners), np.sin(corners)], axis=1)
        cv2.fillPoly(canvas, [np.round(outline * 2**SHIFT).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
        cover = canvas.astype(np.float32) / np.float32(255)
    return Mark(cover, _mottled(rng, shape, scale))


def stain(rng: Generator, zone: Zone, scale: float) -> Mark:
    """A translucent spill with a darker rim."""
    area = _blob(rng, zone.shape, aim(rng, zone), rng.uniform(14, 50) * scale, softness=0.25)
    rim = np.clip(1.0 - np.abs(area - 0.5) * 3.0, 0, 1)
    cover = np.clip(area * rng.uniform(0.2, 0.6) + rim * rng.uniform(0, 0.45), 0, 0.92)
    tint = np.array([rng.uniform(60, 190), rng.uniform(40, 150), rng.uniform(15, 110)], np.float32)
    return Mark(cover.astype(np.float32), tint)


def crease(rng: Generator, zone: Zone, scale: float) -> Mark:
    """A fold or tear: a jagged pale line of changing width across the picture."""
    cover = np.zeros(zone.shape, np.uint8)
    angle = rng.uniform(0, np.pi)
    direction = np.array([np.cos(angle), np.sin(angle)])
    count = int(rng.integers(10, 26))
    along = np.linspace(-1, 1, count)[:, None] * rng.uniform(40, 200) * scale
    sway = rng.normal(0, rng.uniform(0.8, 3.0) * scale, (count, 1)).cumsum(axis=0)
    points = aim(rng, zone) + along * direction + sway * direction[::-1] * (1, -1)
    width = rng.uniform(1.0, 4.5) * scale
    for start, end in pairwise(points):
        _stroke(cover, np.stack([start, end]), thickness=width * rng.uniform(0.5, 1.6))
    return Mark(_opacity(rng, cover, 0.7), pick_colour(rng, extremes=0.9))


MARKS: dict[str, Callable[[Generator, Zone, float], Mark]] = {
    "scribble": scribble,
    "scratch": scratch,
    "specks": specks,
    "noise_patch": noise_patch,
    "blotch": blotch,
    "missing_patch": missing_patch,
    "stain": stain,
    "crease": crease,
}


def aim(rng: Generator, zone: Zone) -> NDArray[np.float64]:
    """A random pixel (x, y) of the zone; anywhere where the zone is empty."""
    inside = np.flatnonzero(zone)
    chosen = int(inside[rng.integers(inside.size)]) if inside.size else int(rng.integers(zone.size))
    return np.array([chosen % zone.shape[1], chosen // zone.shape[1]], dtype=np.float64)


def pick_colour(rng: Generator, extremes: float = 0.6) -> Floats:
    """A colour (3,) in [0, 255]: mostly paper white or black, else sepia, grey or anything."""
    kind = rng.random()
    if kind < extremes:
        grey = rng.uniform(215, 255) if rng.random() < 0.65 else rng.uniform(0, 45)
        tint = np.full(3, grey) + rng.normal(0, 4, 3)
    elif kind < extremes + (1 - extremes) * 0.3:
        tint = np.array([rng.uniform(110, 220), rng.uniform(80, 170), rng.uniform(40, 120)])
    elif kind < extremes + (1 - extremes) * 0.6:
        tint = np.full(3, rng.uniform(0, 255))
    else:
        tint = rng.uniform(0, 255, 3)
    return tint.clip(0, 255).astype(np.float32)


def _mottled(rng: Generator, shape: tuple[int, ...], scale: float) -> Floats:
    """A colour that is flat, or cloudy and grainy as bare paper is: (3,) or (H, W, 3)."""
    base = pick_colour(rng)
    if rng.random() < 0.5:
        return base
    clouds = _smooth_noise(rng, shape, cell=rng.uniform(4, 20) * scale) * rng.uniform(2, 16)
    grain = rng.normal(0, rng.uniform(0.5, 9), shape)
    cloudy: Floats = (base + (clouds + grain)[..., None]).clip(0, 255).astype(np.float32)
    return cloudy


def _blob(
    rng: Generator,
    shape: tuple[int, ...],
    centre: NDArray[np.float64],
    radius: float,
    softness: float = 0.06,
) -> Floats:
    """A ragged spot: distance from an ellipse, bent by smooth noise, through a soft threshold. [0, 1]."""
    cover = np.zeros(shape, np.float32)
    reach = radius * 2.6  # beyond it the longest, most bent ellipse has ended
    left, top = (max(0, int(middle - reach)) for middle in centre)
    right, bottom = (min(side, int(middle + reach)) for middle, side in zip(centre, shape[::-1], strict=True))
    if right <= left or bottom <= top:
        return cover
    rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
    angle, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 2.2)
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x, y = columns - np.float32(centre[0]), rows - np.float32(centre[1])
    u = (x * cosine + y * sine) / np.float32(radius * np.sqrt(stretch))
    v = (y * cosine - x * sine) / np.float32(radius / np.sqrt(stretch))
    bend = _smooth_noise(rng, rows.shape, cell=max(3.0, radius * rng.uniform(0.3, 0.9)))
    distance = np.sqrt(u * u + v * v) + bend * np.float32(rng.uniform(0.1, 0.4))
    cover[top:bottom, left:right] = np.clip((1.0 - distance) / np.float32(softness) + 0.5, 0, 1)
    return cover


def _smooth_noise(rng: Generator, shape: tuple[int, ...], cell: float) -> Floats:
    """Gaussian values on a grid of ``cell`` pixels, interpolated: (H, W), mean 0, deviation about 1."""
    rows, columns = max(2, int(shape[0] / cell) + 2), max(2, int(shape[1] / cell) + 2)
    grid = rng.standard_normal((rows, columns), dtype=np.float32)
    noise: Floats = np.asarray(
        cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32
    )
    return noise


def _wander(rng: Generator, start: NDArray[np.float64], *, steps: int, stride: float) -> NDArray[np.float64]:
    """A walk whose direction drifts: (steps + 1, 2)."""
    headings = rng.uniform(0, 2 * np.pi) + rng.normal(0, rng.uniform(0.2, 1.1), steps).cumsum()
    moves = stride * np.stack([np.cos(headings), np.sin(headings)], axis=1)
    return np.vstack([start, start + moves.cumsum(axis=0)])


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chaikin's corner cutting, twice."""
    for _ in range(2):
        quarter = points[:-1] * 0.75 + points[1:] * 0.25
        three = points[:-1] * 0.25 + points[1:] * 0.75
        points = np.stack([quarter, three], axis=1).reshape(-1, 2)
    return points


def _stroke(canvas: NDArray[np.uint8], points: NDArray[np.float64], thickness: float) -> None:
    line = np.round(points * 2**SHIFT).astype(np.int32)
    cv2.polylines(canvas, [line], False, 255, max(1, round(thickness)), cv2.LINE_AA, SHIFT)


def _opacity(rng: Generator, cover: NDArray[np.uint8], least: float) -> Floats:
    """Coverage (H, W) uint8 to [0, 1], as dense as ``least`` to 1."""
    dense: Floats = cover.astype(np.float32) * np.float32(rng.uniform(least, 1.0) / 255)
    return dense


def _fixed(value: float) -> int:
    return int(np.rint(value * 2**SHIFT))
