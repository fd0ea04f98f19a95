"""Damage where the picture is gone: holes, flakes, tears, worn edges."""

import numpy as np
from numpy.random import Generator

from mlcore.degradation.layers import DamageLayer, Floats
from mlcore.degradation.marks.drawing import (
    Pen,
    Points,
    Zone,
    aim,
    any_colour,
    bent,
    blob_depth,
    cells,
    clouds,
    dirt,
    frame_around,
    heading,
    jagged,
    mottled,
    paper,
    ramp,
)


def blotch(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """An opaque spot with a ragged outline."""
    radius = rng.uniform(5, 20) * scale
    _hole(layer, rng, aim(rng, zone), radius=radius, scale=scale, colour=any_colour(rng, extremes=0.75))


def missing_patch(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A larger part that is gone, often down to the paper: ragged, or with straight broken edges."""
    centre, radius = aim(rng, zone), rng.uniform(12, 31) * scale
    colour = any_colour(rng, extremes=0.75)
    if rng.random() < 0.6:
        _hole(layer, rng, centre, radius=radius, scale=scale, colour=colour)
        return
    corners = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 9))))
    reach = radius * rng.uniform(0.6, 1.25, (corners.size, 1))
    pen = Pen(zone.shape)
    pen.fill(centre + reach * np.stack([np.cos(corners), np.sin(corners)], axis=1))
    layer.draw(pen.cover(), mottled(rng, colour, zone.shape, scale))


def _hole(
    layer: DamageLayer, rng: Generator, centre: Points, *, radius: float, scale: float, colour: Floats
) -> None:
    frame = frame_around(centre, radius * 2.4, layer.cover.shape)
    depth = blob_depth(
        rng, frame, centre, radius, ragged=rng.uniform(0.1, 0.4), octaves=int(rng.integers(1, 4))
    )
    cover = ramp(depth, 1.5 / radius) * np.float32(rng.uniform(0.9, 1.0))
    layer.draw(cover, mottled(rng, colour, cover.shape, scale), frame.left, frame.top)


def torn_surface(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """The top layer ripped off: fibrous paper with a bright rim and a shadow along it."""
    centre, radius = aim(rng, zone), rng.uniform(11, 30) * scale
    frame = frame_around(centre, radius * 2.4, zone.shape)
    depth = blob_depth(rng, frame, centre, radius, ragged=rng.uniform(0.15, 0.35), octaves=3)
    depth *= np.float32(radius)
    shade = np.exp(-np.square(depth / np.float32(1.6 * scale + 0.5))) * np.float32(rng.uniform(0.1, 0.5))
    layer.draw(shade.astype(np.float32), dirt(rng), frame.left, frame.top)
    base = paper(rng)
    fibres = clouds(rng, depth.shape, rng.uniform(2.5, 7) * scale, 3) * np.float32(rng.uniform(6, 22))
    inner = np.clip((depth - 2 * scale) / np.float32(4 * scale), 0, 1) * np.float32(rng.uniform(5, 45))
    colour = (base + (fibres - inner)[..., None]).clip(0, 255).astype(np.float32)
    layer.draw(ramp(depth, 1.3), colour, frame.left, frame.top)


def flaking(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Emulsion that comes off in ragged flakes, from specks to islands, densest about a place."""
    centre, radius = aim(rng, zone), rng.uniform(22, 85) * scale
    frame = frame_around(centre, radius * 1.8, zone.shape)
    depth = blob_depth(rng, frame, centre, radius, ragged=0.25)
    flakes = clouds(rng, depth.shape, rng.uniform(7, 24) * scale, 4)
    flakes += np.minimum(depth, 0.5) * np.float32(1.2) - np.float32(rng.uniform(0.5, 1.4))
    cover = ramp(flakes, rng.uniform(0.06, 0.25))
    layer.draw(cover, mottled(rng, paper(rng), cover.shape, scale), frame.left, frame.top)


def chips(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Angular scales of emulsion that fell off along a net of cracks."""
    pen = Pen(zone.shape)
    centre, reach = aim(rng, zone), rng.uniform(18, 60) * scale
    for outline in cells(rng, zone.shape, rng.uniform(8, 20) * scale):
        if rng.random() < 0.75 * np.exp(-np.square(np.hypot(*(outline.mean(axis=0) - centre)) / reach)):
            pen.fill(outline)
    cover = bent(rng, pen.cover(), 7 * scale, rng.uniform(0.5, 1.8) * scale)
    layer.draw(cover, mottled(rng, paper(rng) if rng.random() < 0.75 else dirt(rng), zone.shape, scale))


def tear(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A tear from the border inwards: gaping at the border, white fibres along both edges."""
    start, inwards = _border(rng, zone.shape)
    end = start + heading(inwards + rng.normal(0, 0.4)) * rng.uniform(35, 150) * scale
    points = jagged(rng, start, end, sway=rng.uniform(2, 8) * scale, step=3 * scale)
    opening = np.linspace(1, 0, len(points)) ** rng.uniform(0.5, 1.5)
    fibres, gap = Pen(zone.shape), Pen(zone.shape)
    edge = rng.uniform(1.0, 3.2) * scale
    gape = rng.uniform(0, 7) * scale
    ragged = rng.uniform(0.5, 1.4, len(points))
    fibres.swelling_line(points, gape * opening + edge * ragged)
    layer.draw(fibres.cover(), paper(rng))
    if gape > 1.5 * scale:
        gap.swelling_line(points, np.where(opening * gape > 0.8 * scale, opening * gape, 0.0))
        behind = dirt(rng) if rng.random() < 0.5 else any_colour(rng)
        layer.draw(gap.cover(), behind)


def torn_corner(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A corner torn or broken off: what lies behind, and a rim of white paper."""
    height, width = zone.shape
    corner = np.array([rng.integers(2) * width, rng.integers(2) * height], np.float64)
    reach = rng.uniform(16, 75) * scale
    frame = frame_around(corner, reach * 1.8, zone.shape)
    rows, columns = frame.grid()
    slope = rng.uniform(0.6, 1.6)
    x, y = np.abs(columns - np.float32(corner[0])), np.abs(rows - np.float32(corner[1]))
    depth = np.float32(reach) - (x * np.float32(slope) + y / np.float32(slope))
    depth += clouds(rng, rows.shape, 20 * scale, 4) * np.float32(rng.uniform(1, 4) * scale)
    rim = (
        depth
        + clouds(rng, rows.shape, 7 * scale, 2) * np.float32(scale)
        + np.float32(rng.uniform(0, 4) * scale)
    )
    layer.draw(ramp(rim, 1.3), mottled(rng, paper(rng), rows.shape, scale), frame.left, frame.top)
    layer.draw(ramp(depth, 1.3), any_colour(rng, extremes=0.8), frame.left, frame.top)


def worn_edges(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """The emulsion rubbed off along one or more borders, raggedly."""
    height, width = zone.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    sides = np.stack([columns, rows, width - 1 - columns, height - 1 - rows])
    chosen = rng.random(4) < 0.5
    chosen[rng.integers(4)] = True
    distance = sides[chosen].min(axis=0)
    depth = rng.uniform(1, 9) * scale - distance
    depth += clouds(rng, zone.shape, rng.uniform(8, 30) * scale, 4) * np.float32(rng.uniform(2, 8) * scale)
    layer.draw(ramp(depth, 1.5), mottled(rng, paper(rng), zone.shape, scale))


def _border(rng: Generator, shape: tuple[int, ...]) -> tuple[Points, float]:
    """A point on the border, and the direction inwards."""
    height, width = shape[:2]
    share, side = rng.uniform(0.05, 0.95), int(rng.integers(4))
    points = ((0, share * height), (share * width, 0), (width, share * height), (share * width, height))
    return np.array(points[side], np.float64), side * np.pi / 2
