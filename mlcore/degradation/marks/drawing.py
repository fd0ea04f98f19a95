"""What every mark is drawn with: where to aim, lines and dots between pixels, ragged areas, clouds, colours.

Coordinates are (x, y) in pixels; ``scale`` is 1 for a 256-pixel picture. Chance comes from the generator.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mlcore.degradation.layers import Floats

Zone = NDArray[np.bool_]
Points = NDArray[np.float64]
"""(n, 2)."""

SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates: strokes land between pixels."""
FINE_UP_TO = 1024
"""Pixels; smaller pictures are drawn at twice their size, so that a line may be half a pixel wide."""


class Pen:
    """Draws anti-aliased lines, dots and polygons over each other; ``cover`` gives (H, W) in [0, 1]."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape[:2]
        self.finer = 2 if max(self.shape) <= FINE_UP_TO else 1
        self.canvas = np.zeros((self.shape[0] * self.finer, self.shape[1] * self.finer), np.uint8)

    def line(self, points: Points, width: float) -> None:
        """One line of even width in pixels."""
        self.lines([points], width)

    def lines(self, many: Sequence[Points], width: float) -> None:
        """Lines of one width."""
        fixed = [self._fixed(points) for points in many]
        cv2.polylines(self.canvas, fixed, False, 255, self._thick(width), cv2.LINE_AA, SHIFT)

    def swelling_line(self, points: Points, widths: Points) -> None:
        """One line whose width changes from point to point; where it is 0 it breaks off."""
        fixed = self._fixed(points)
        segments = np.stack([fixed[:-1], fixed[1:]], axis=1)
        thicknesses = np.maximum(1, np.round(widths[1:] * self.finer)).astype(int)
        thicknesses[widths[1:] <= 0] = 0
        for thickness in np.unique(thicknesses[thicknesses > 0]).tolist():
            chosen = list(segments[thicknesses == thickness])
            cv2.polylines(self.canvas, chosen, False, 255, thickness, cv2.LINE_AA, SHIFT)

    def dots(self, centres: Points, radii: Points) -> None:
        """Discs."""
        reaches = np.maximum(self._fixed(radii), 1).tolist()
        for centre, reach in zip(self._fixed(centres).tolist(), reaches, strict=True):
            cv2.circle(self.canvas, centre, reach, 255, -1, cv2.LINE_AA, SHIFT)

    def fill(self, outline: Points, value: int = 255) -> None:
        """A polygon; ``value`` 0 erases."""
        cv2.fillPoly(self.canvas, [self._fixed(outline)], value, cv2.LINE_AA, SHIFT)

    def cover(self) -> Floats:
        """(H, W) float32 in [0, 1]."""
        height, width = self.shape
        canvas = self.canvas
        if self.finer > 1:
            canvas = np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        return canvas.astype(np.float32) * np.float32(1 / 255)

    def _fixed(self, points: Points) -> NDArray[np.int32]:
        fixed: NDArray[np.int32] = np.round(points * (self.finer * 2**SHIFT)).astype(np.int32)
        return fixed

    def _thick(self, width: float) -> int:
        return max(1, round(width * self.finer))


def aim(rng: Generator, zone: Zone) -> NDArray[np.float64]:
    """A random pixel (x, y) of the zone; anywhere where the zone is empty."""
    inside = np.flatnonzero(zone)
    chosen = int(inside[rng.integers(inside.size)]) if inside.size else int(rng.integers(zone.size))
    return np.array([chosen % zone.shape[1], chosen // zone.shape[1]], dtype=np.float64)


def heading(angle: float) -> NDArray[np.float64]:
    """The unit vector of an angle in radians."""
    return np.array([np.cos(angle), np.sin(angle)])


def wander(rng: Generator, start: Points, *, steps: int, stride: float, bend: float) -> Points:
    """A smooth walk whose direction drifts by ``bend`` radians a step."""
    angles = rng.uniform(0, 2 * np.pi) + rng.normal(0, bend, steps).cumsum()
    moves = stride * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return rounded(np.vstack([start, start + moves.cumsum(axis=0)]))


def jagged(rng: Generator, start: Points, end: Points, *, sway: float, step: float) -> Points:
    """A line from one point to another that strays sideways by about ``sway`` pixels and meets both."""
    length = float(np.hypot(*(end - start)))
    count = max(4, int(length / max(step, 1.0)))
    share = np.linspace(0, 1, count)
    drift = rng.normal(0, 1, count).cumsum()
    drift -= drift[0] + (drift[-1] - drift[0]) * share
    drift += rng.normal(0, 0.5, count)
    across = np.array([start[1] - end[1], end[0] - start[0]]) / max(length, 1e-6)
    strayed: Points = (drift * sway / np.sqrt(count) * 2)[:, None] * across
    return strayed + start + share[:, None] * (end - start)


def rounded(points: Points) -> Points:
    """Chaikin's corner cutting, twice."""
    for _ in range(2):
        quarter = points[:-1] * 0.75 + points[1:] * 0.25
        three = points[:-1] * 0.25 + points[1:] * 0.75
        points = np.stack([quarter, three], axis=1).reshape(-1, 2)
    return points


def across(rng: Generator, through: Points, shape: tuple[int, ...]) -> tuple[Points, Points]:
    """Both ends of a straight line through a point, beyond the picture's border."""
    reach = heading(rng.uniform(0, np.pi)) * float(np.hypot(shape[0], shape[1]))
    return through - reach, through + reach


def clouds(rng: Generator, shape: tuple[int, ...], cell: float, octaves: int = 1) -> Floats:
    """Smooth noise (H, W) whose largest features measure ``cell`` pixels; mean 0, deviation about 1."""
    height, width = shape[:2]
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        size = max(1.5, cell / 2**octave)
        grid = rng.standard_normal((int(height / size) + 3, int(width / size) + 3), dtype=np.float32)
        # Enlarged whole and then cut, so that a cell measures the same in small windows.
        wide = (round(grid.shape[1] * size), round(grid.shape[0] * size))
        fine = np.asarray(cv2.resize(grid, wide, interpolation=cv2.INTER_CUBIC), np.float32)
        total += fine[:height, :width] * np.float32(0.5**octave)
    return total


def grain(rng: Generator, shape: tuple[int, ...], deviation: float) -> Floats:
    """Noise without any neighbourhood: (H, W)."""
    noise: Floats = rng.standard_normal(shape[:2], dtype=np.float32) * np.float32(deviation)
    return noise


def ramp(values: Floats, softness: float) -> Floats:
    """0 below, 1 above zero, over a slope ``softness`` wide."""
    sloped: Floats = np.clip(values / np.float32(max(softness, 1e-3)) + np.float32(0.5), 0, 1)
    return sloped


class Frame(NamedTuple):
    """A part of the picture, in pixels; ``right`` and ``bottom`` lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    def grid(self) -> tuple[Floats, Floats]:
        """Rows and columns of its pixels in the picture, (h, w) each."""
        rows, columns = np.mgrid[self.top : self.bottom, self.left : self.right].astype(np.float32)
        return rows, columns


def frame_around(centre: Points, reach: float, shape: tuple[int, ...]) -> Frame:
    """What lies within ``reach`` pixels of a point; at least one pixel."""
    height, width = shape[:2]
    left, top = (
        min(max(0, int(at - reach)), end - 1) for at, end in zip(centre, (width, height), strict=True)
    )
    right = min(max(left + 1, int(centre[0] + reach) + 1), width)
    bottom = min(max(top + 1, int(centre[1] + reach) + 1), height)
    return Frame(left, top, right, bottom)


def blob_depth(
    rng: Generator,
    frame: Frame,
    centre: Points,
    radius: float,
    *,
    ragged: float,
    octaves: int = 1,
    longest: float = 2.2,
) -> Floats:
    """How deep inside a ragged ellipse each pixel of the frame lies, in radii: 1 at the centre, 0 on its
    outline, negative outside. ``ragged``: how far clouds bend the outline."""
    rows, columns = frame.grid()
    angle, stretch = rng.uniform(0, np.pi), np.sqrt(rng.uniform(1.0, longest))
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x, y = columns - np.float32(centre[0]), rows - np.float32(centre[1])
    u = (x * cosine + y * sine) / np.float32(radius * stretch)
    v = (y * cosine - x * sine) / np.float32(radius / stretch)
    bend = clouds(rng, rows.shape, max(3.0, radius * rng.uniform(0.3, 0.9)), octaves)
    depth: Floats = 1 - np.sqrt(u * u + v * v) - bend * np.float32(ragged)
    return depth


def bent(rng: Generator, image: Floats, cell: float, reach: float) -> Floats:
    """The image (H, W) pulled about by clouds of ``cell`` pixels, by about ``reach`` pixels."""
    height, width = image.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    columns += clouds(rng, image.shape, cell) * np.float32(reach)
    rows += clouds(rng, image.shape, cell) * np.float32(reach)
    return np.asarray(cv2.remap(image, columns, rows, cv2.INTER_LINEAR), np.float32)


def cells(rng: Generator, shape: tuple[int, ...], size: float) -> list[Points]:
    """Voronoi cells about ``size`` pixels wide that cover the picture: their outlines."""
    height, width = shape[:2]
    count = int(np.clip(width * height / size**2, 6, 200))
    division = cv2.Subdiv2D((-width, -height, 3 * width, 3 * height))
    # A little beyond the border, so that its cells are like the others.
    for x, y in rng.uniform(-0.1, 1.1, (count, 2)) * (width, height):
        division.insert((float(x), float(y)))
    facets, _ = division.getVoronoiFacetList([])
    return [np.asarray(facet, np.float64) for facet in facets]


def paper(rng: Generator) -> Floats:
    """Bare paper, (3,) in [0, 255]: white to cream."""
    grey = rng.uniform(205, 255)
    yellow = rng.uniform(0, 28) if rng.random() < 0.6 else 0.0
    return np.array([grey, grey - yellow * 0.35, grey - yellow], np.float32).clip(0, 255)


def dirt(rng: Generator) -> Floats:
    """Nearly black, mostly brownish: (3,) in [0, 255]."""
    grey = rng.uniform(0, 60)
    return np.array([grey * 1.15, grey, grey * rng.uniform(0.6, 1.0)], np.float32)


def brown(rng: Generator) -> Floats:
    """Tea, rust, old glue: (3,) in [0, 255]."""
    strength = rng.uniform(0.45, 1.0)
    tint = np.array([rng.uniform(150, 225), rng.uniform(95, 165), rng.uniform(30, 110)])
    return (tint * strength).astype(np.float32)


def ink(rng: Generator) -> Floats:
    """Black, blue, red or green ink, chalk or wax: (3,) in [0, 255]."""
    inks = ((20, 20, 25), (25, 40, 120), (30, 60, 170), (170, 25, 30), (25, 95, 50), (240, 240, 235))
    base = np.array(inks[int(rng.integers(len(inks)))], np.float64)
    return (base + rng.normal(0, 12, 3)).clip(0, 255).astype(np.float32)


def any_colour(rng: Generator, extremes: float = 0.6) -> Floats:
    """Mostly paper white or black, else brown, grey or anything: (3,) in [0, 255]."""
    kind = rng.random()
    if kind < extremes:
        return paper(rng) if rng.random() < 0.65 else dirt(rng)
    if kind < extremes + (1 - extremes) * 0.3:
        return brown(rng)
    if kind < extremes + (1 - extremes) * 0.6:
        return np.full(3, rng.uniform(0, 255), np.float32)
    return rng.uniform(0, 255, 3).astype(np.float32)


def mottled(rng: Generator, base: Floats, shape: tuple[int, ...], scale: float) -> Floats:
    """A colour that is flat, or cloudy and grainy as bare paper is: (3,) or (H, W, 3) in [0, 255]."""
    if rng.random() < 0.4:
        return base
    shade = clouds(rng, shape, rng.uniform(4, 20) * scale, 2) * np.float32(rng.uniform(2, 14))
    shade += grain(rng, shape, rng.uniform(0.5, 8))
    cloudy: Floats = (base + shade[..., None]).clip(0, 255)
    return cloudy
