"""Damage in spots: dust, noise, mould, foxing, drops, fingerprints."""

import numpy as np
from numpy.random import Generator

from mlcore.degradation.layers import DamageLayer
from mlcore.degradation.marks.drawing import (
    Pen,
    Points,
    Zone,
    aim,
    any_colour,
    blob_depth,
    brown,
    clouds,
    dirt,
    frame_around,
    heading,
    paper,
    ramp,
)


def specks(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Dust and pinholes, scattered about a place."""
    pen = Pen(zone.shape)
    centre, spread = aim(rng, zone), rng.uniform(10, 110) * scale
    largest = rng.uniform(0.5, 2.0) * scale
    count = int(rng.integers(8, 70))
    pen.dots(
        centre + rng.normal(0, spread, (count, 2)), np.maximum(0.4, largest * rng.uniform(0.3, 1.0, count))
    )
    layer.draw(pen.cover() * np.float32(rng.uniform(0.6, 1.0)), any_colour(rng, extremes=0.85))


def dust(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Fine dust and short fibres over the whole picture, light or dark."""
    pen = Pen(zone.shape)
    height, width = zone.shape
    count = int(rng.integers(20, 160))
    pen.dots(rng.random((count, 2)) * (width, height), rng.uniform(0.3, 0.9, count) * max(0.7, scale))
    for x, y in rng.uniform(0, 1, (int(rng.integers(0, 14)), 2)) * (width, height):
        turns = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.4, 4).cumsum()
        moves = np.stack([np.cos(turns), np.sin(turns)], axis=1) * rng.uniform(1, 3.5) * scale
        pen.line(np.array([x, y]) + moves.cumsum(axis=0), rng.uniform(0.5, 1.0) * max(1.0, scale * 0.7))
    layer.draw(
        pen.cover() * np.float32(rng.uniform(0.5, 1.0)), paper(rng) if rng.random() < 0.7 else dirt(rng)
    )


def noise_patch(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Fine noise over an area: grains of every grey, of every colour, or of salt and pepper."""
    centre, radius = aim(rng, zone), rng.uniform(10, 42) * scale
    frame = frame_around(centre, radius * 2, zone.shape)
    inside = blob_depth(rng, frame, centre, radius, ragged=0.2) > 0
    shape = inside.shape
    grains = rng.random(shape, dtype=np.float32) < rng.uniform(0.08, 0.5)
    kind = rng.random()
    if kind < 0.5:
        values = np.where(rng.random(shape, dtype=np.float32) < 0.5, 8.0, 247.0)[..., None].repeat(3, axis=2)
    elif kind < 0.75:
        values = rng.random((*shape, 1), dtype=np.float32).repeat(3, axis=2) * 255
    else:
        values = rng.random((*shape, 3), dtype=np.float32) * 255
    cover = (inside & grains).astype(np.float32) * np.float32(rng.uniform(0.6, 1.0))
    layer.draw(cover, values.astype(np.float32), frame.left, frame.top)


def pits(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A swarm of small ragged holes or spots, thickest in places: worn or fly-specked emulsion."""
    centre, radius = aim(rng, zone), rng.uniform(20, 75) * scale
    frame = frame_around(centre, radius * 1.7, zone.shape)
    depth = blob_depth(rng, frame, centre, radius, ragged=0.3, octaves=2)
    fine = clouds(rng, depth.shape, rng.uniform(2.2, 6) * scale, 2)
    cover = ramp(fine - rng.uniform(0.9, 1.9) + np.minimum(depth, 0.6), 0.5)
    cover *= np.float32(rng.uniform(0.55, 1.0))
    layer.draw(cover, paper(rng) if rng.random() < 0.5 else dirt(rng), frame.left, frame.top)


def foxing(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Rust-brown spots with soft edges, some with a darker heart."""
    colour = brown(rng)
    for _ in range(int(rng.integers(3, 14))):
        centre, radius = aim(rng, zone), rng.uniform(1.5, 7) * scale
        frame = frame_around(centre, radius * 2.2, zone.shape)
        depth = blob_depth(rng, frame, centre, radius, ragged=0.25, longest=1.4)
        cover = ramp(depth - 0.2, rng.uniform(0.5, 1.1)) * np.float32(rng.uniform(0.25, 0.8))
        layer.draw(cover, colour, frame.left, frame.top)


def mould(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Colonies that spread in branching threads round soft hearts, in clusters."""
    pen = Pen(zone.shape)
    place, spread = aim(rng, zone), rng.uniform(8, 40) * scale
    colour = _mould_colour(rng)
    for centre in place + rng.normal(0, spread, (int(rng.integers(3, 11)), 2)):
        radius = rng.uniform(3, 12) * scale
        arms = int(rng.integers(6, 16))
        threads: list[Points] = []
        for turn in np.linspace(0, 2 * np.pi, arms, endpoint=False) + rng.normal(0, 0.2, arms):
            length = radius * rng.uniform(0.5, 1.3)
            bends = turn + rng.normal(0, 0.3, 4).cumsum()
            moves = np.stack([np.cos(bends), np.sin(bends)], axis=1) * length / 4
            path = centre + moves.cumsum(axis=0)
            twig = path[1] + heading(bends[1] + rng.choice((-0.8, 0.8))) * length * 0.4
            threads += [np.vstack([centre, path]), np.stack([path[1], twig])]
        pen.lines(threads, rng.uniform(0.4, 0.9) * max(1.0, scale))
        frame = frame_around(centre, radius * 1.5, zone.shape)
        heart = ramp(blob_depth(rng, frame, centre, radius * 0.8, ragged=0.3, longest=1.4), 1.2)
        layer.draw(heart * np.float32(rng.uniform(0.2, 0.75)), colour, frame.left, frame.top)
    layer.draw(pen.cover() * np.float32(rng.uniform(0.35, 0.9)), colour)


def drops(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Drops that dried: a pale or dark inside and a thin dark rim."""
    rim, inside = brown(rng) * np.float32(0.7), paper(rng) if rng.random() < 0.6 else brown(rng)
    place, spread = aim(rng, zone), rng.uniform(10, 60) * scale
    others = place + rng.normal(0, spread, (int(rng.integers(0, 6)), 2))
    for centre in np.vstack([place, others]):
        radius = rng.uniform(3, 14) * scale
        frame = frame_around(centre, radius * 1.8, zone.shape)
        depth = blob_depth(rng, frame, centre, radius, ragged=0.06, longest=1.3) * np.float32(radius)
        layer.draw(ramp(depth, 1.2) * np.float32(rng.uniform(0.1, 0.45)), inside, frame.left, frame.top)
        edge = np.exp(-np.square((depth - 0.7 * scale) / np.float32(rng.uniform(0.6, 1.4) * max(scale, 0.7))))
        layer.draw(edge * np.float32(rng.uniform(0.25, 0.8)), rim, frame.left, frame.top)


def fingerprint(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Ridges of a finger in grease or ink."""
    centre, radius = aim(rng, zone), rng.uniform(14, 26) * scale
    frame = frame_around(centre, radius * 1.6, zone.shape)
    area = ramp(blob_depth(rng, frame, centre, radius, ragged=0.12, longest=1.8), 0.3)
    rows, columns = frame.grid()
    core = centre + rng.normal(0, radius * 0.3, 2)
    flow = np.hypot(
        columns - np.float32(core[0]), (rows - np.float32(core[1])) * np.float32(rng.uniform(0.5, 1))
    )
    flow += clouds(rng, rows.shape, radius * 0.6) * np.float32(radius * 0.15)
    ridge = 0.5 + 0.5 * np.sin(flow * np.float32(2 * np.pi / max(2.6, 3.2 * scale)))
    gaps = np.clip(0.9 + clouds(rng, rows.shape, 6 * scale) * 0.4, 0, 1)
    cover = (area * ridge * gaps * np.float32(rng.uniform(0.25, 0.75))).astype(np.float32)
    layer.draw(cover, any_colour(rng, extremes=0.7), frame.left, frame.top)


def _mould_colour(rng: Generator) -> np.ndarray:
    """Black, grey-green, purple-brown or whitish."""
    bases = ((30, 30, 28), (70, 85, 60), (85, 60, 70), (215, 215, 205), (120, 95, 60))
    base = np.array(bases[int(rng.integers(len(bases)))], np.float64)
    return (base + rng.normal(0, 8, 3)).clip(0, 255).astype(np.float32)
