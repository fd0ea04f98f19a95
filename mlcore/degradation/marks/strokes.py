"""Damage that is a line: pens, scratches, hairs, creases, cracks."""

import cv2
import numpy as np
from numpy.random import Generator

from mlcore.degradation.layers import DamageLayer, Floats
from mlcore.degradation.marks.drawing import (
    Pen,
    Points,
    Zone,
    across,
    aim,
    any_colour,
    bent,
    cells,
    clouds,
    dirt,
    heading,
    ink,
    jagged,
    paper,
    rounded,
    wander,
)


def scribble(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A pen or wax stroke that wanders."""
    pen = Pen(zone.shape)
    steps, stride = int(rng.integers(4, 12)), rng.uniform(8, 30) * scale
    pen.line(
        wander(rng, aim(rng, zone), steps=steps, stride=stride, bend=rng.uniform(0.2, 1.1)),
        rng.uniform(0.8, 2.6) * scale,
    )
    layer.draw(_dense(rng, pen, 0.8), any_colour(rng, extremes=0.8) if rng.random() < 0.75 else ink(rng))


def marker(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A broad stroke of a felt pen, chalk or brush."""
    pen = Pen(zone.shape)
    steps, stride = int(rng.integers(3, 9)), rng.uniform(10, 30) * scale
    pen.line(
        wander(rng, aim(rng, zone), steps=steps, stride=stride, bend=rng.uniform(0.1, 0.9)),
        rng.uniform(2.5, 7.0) * scale,
    )
    cover = _dense(rng, pen, 0.8)
    if rng.random() < 0.4:
        cover *= np.clip(1.2 + clouds(rng, zone.shape, 3 * scale) * 0.5, 0, 1)
    layer.draw(cover, any_colour(rng, extremes=0.85) if rng.random() < 0.8 else ink(rng))


def writing(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A line or two of handwriting, or a stamped number."""
    pen = Pen(zone.shape)
    start, angle = aim(rng, zone), rng.normal(0, 0.35)
    size, width = rng.uniform(5, 14) * scale, rng.uniform(0.6, 1.6) * scale
    turn = np.stack([heading(angle), heading(angle + np.pi / 2)])
    for row in range(int(rng.integers(1, 3))):
        along = np.array([0.0, row * size * 2.2])
        for _ in range(int(rng.integers(1, 4))):
            word = _word(rng, size, int(rng.integers(3, 9)))
            pen.line(rounded((word + along) @ turn + start), width)
            along[0] += float(np.ptp(word[:, 0])) + size
    layer.draw(_dense(rng, pen, 0.6), ink(rng))


def _word(rng: Generator, size: float, letters: int) -> Points:
    """Loops and humps on a line, as cursive letters make them."""
    phase = np.linspace(0, letters * 2 * np.pi, letters * 7)
    letter = (phase / (2 * np.pi)).astype(int).clip(0, letters - 1)
    height = rng.choice([0.5, 0.5, 0.6, 1.1, 1.3], letters)[letter]
    loop = rng.uniform(-0.1, 0.75, letters)[letter]
    slant = rng.uniform(0.1, 0.5)
    y = -height * size * (1 - np.cos(phase)) / 2
    x = phase * size * rng.uniform(0.1, 0.15) + loop * size * 0.5 * np.sin(phase) - slant * y
    return np.stack([x, y], axis=1)


def scratch(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A thin, almost straight line through the emulsion, sometimes broken."""
    pen = Pen(zone.shape)
    half = heading(rng.uniform(0, np.pi)) * rng.uniform(12, 130) * scale
    centre = aim(rng, zone)
    points = rounded(
        jagged(rng, centre - half, centre + half, sway=rng.uniform(0, 2.5) * scale, step=12 * scale)
    )
    pen.line(points, rng.uniform(0.5, 1.7) * max(1.0, scale * 0.7))
    cover = _dense(rng, pen, 0.5)
    if rng.random() < 0.4:
        cover[clouds(rng, zone.shape, 9 * scale) < -0.3] = 0
    layer.draw(cover, any_colour(rng, extremes=0.85))


def abrasion(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Many fine scratches in about one direction, as from a rough surface."""
    pen = Pen(zone.shape)
    angle, spread = rng.uniform(0, np.pi), rng.uniform(15, 70) * scale
    centre, bow = aim(rng, zone), rng.normal(0, 0.25)
    longest = rng.uniform(5, 22)
    scratches: list[Points] = []
    for _ in range(int(rng.integers(8, 60))):
        start = centre + rng.normal(0, spread, 2)
        turns = angle + rng.normal(0, 0.12) + bow * np.linspace(-1, 1, 6)
        moves = np.stack([np.cos(turns), np.sin(turns)], axis=1) * rng.uniform(2, longest) * scale
        scratches.append(start + moves.cumsum(axis=0))
    for third in range(3):
        pen.lines(scratches[third::3], rng.uniform(0.4, 1.3) * max(1.0, scale * 0.7))
    cover = _dense(rng, pen, 0.4)
    cover *= np.clip(0.9 + clouds(rng, zone.shape, 14 * scale) * 0.5, 0, 1)
    layer.draw(cover, paper(rng) if rng.random() < 0.8 else dirt(rng))


def hair(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Hairs and lint that lay on the glass: thin, curved, dark or white."""
    pen = Pen(zone.shape)
    for _ in range(int(rng.integers(1, 4))):
        points = wander(
            rng,
            aim(rng, zone),
            steps=int(rng.integers(4, 14)),
            stride=rng.uniform(2, 9) * scale,
            bend=rng.uniform(0.1, 0.6),
        )
        pen.line(points, rng.uniform(0.5, 1.2) * max(1.0, scale * 0.7))
    layer.draw(_dense(rng, pen, 0.45), paper(rng) if rng.random() < 0.55 else dirt(rng))


def crease(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Where the print was bent: broken emulsion down to the paper along a line, a soft shadow beside it."""
    through = aim(rng, zone)
    start, end = across(rng, through, zone.shape)
    if rng.random() < 0.6:
        half = (end - start) / np.hypot(*(end - start)) * rng.uniform(30, 110) * scale
        start, end = through - half, through + half
    draw_crease(layer, rng, start, end, scale)


def draw_crease(layer: DamageLayer, rng: Generator, start: Points, end: Points, scale: float) -> None:
    """The crease between two points."""
    shape = layer.cover.shape
    points = jagged(rng, start, end, sway=rng.uniform(0.5, 5.0) * scale, step=rng.uniform(3, 9) * scale)
    width = rng.uniform(0.8, 3.4) * scale
    if rng.random() < 0.7:
        _shadow(layer, rng, points, width, scale)
    pen = Pen(shape)
    swell = np.clip(1 + np.cumsum(rng.normal(0, 0.25, len(points))) * 0.4, 0.15, 1.8)
    pen.swelling_line(points, width * swell * (rng.random(len(points)) > rng.uniform(0, 0.08)))
    cover = pen.cover()
    ragged = clouds(rng, shape, rng.uniform(1.6, 4) * scale)
    cover *= np.clip(rng.uniform(0.8, 1.5) + ragged * rng.uniform(0.1, 0.6), 0, 1)
    layer.draw(cover, paper(rng) if rng.random() < 0.85 else any_colour(rng))


def _shadow(layer: DamageLayer, rng: Generator, points: Points, width: float, scale: float) -> None:
    """A soft band to one side of a line."""
    pen = Pen(layer.cover.shape)
    reach = rng.uniform(1.0, 3.0) * scale + width / 2
    pen.line(points + heading(rng.uniform(0, 2 * np.pi)) * reach, width + reach)
    soft = np.asarray(cv2.GaussianBlur(pen.cover(), (0, 0), reach * 0.7), np.float32)
    layer.draw(soft * np.float32(rng.uniform(0.15, 0.5)), dirt(rng))


def fold_grid(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A print that was folded up: creases across it, at right angles."""
    height, width = zone.shape
    tilt = rng.normal(0, 0.02, 2)
    for axis, length, other in ((0, width, height), (1, height, width)):
        for number in range(int(rng.integers(0 if axis else 1, 3))):
            at = length * (number + rng.uniform(0.35, 0.65)) / 2
            ends = np.array([[at, -2.0], [at + tilt[axis] * other, other + 2.0]])
            start, end = ends[:, ::-1] if axis else ends
            draw_crease(layer, rng, start, end, scale)


def cracks(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Cracks that branch from a place, widest there, as in glass plates and brittle prints."""
    pen = Pen(zone.shape)
    width = rng.uniform(1.0, 3.6) * scale
    angle = rng.uniform(0, 2 * np.pi)
    start = aim(rng, zone)
    arms = int(rng.integers(1, 5))
    open_ends = [(start, angle + arm * 2 * np.pi / arms + rng.normal(0, 0.4), width) for arm in range(arms)]
    for _ in range(14):
        if not open_ends:
            break
        point, angle, width = open_ends.pop(0)
        tip = point + heading(angle) * rng.uniform(15, 95) * scale
        path = jagged(rng, point, tip, sway=rng.uniform(1, 4) * scale, step=4 * scale)
        pen.swelling_line(
            path, np.linspace(width, width * 0.75, len(path)) * rng.uniform(0.6, 1.3, len(path))
        )
        for _ in range(1 + int(rng.random() < 0.45)):
            if width > 0.6 * scale:
                open_ends.append((tip, angle + rng.normal(0, 0.5), width * rng.uniform(0.55, 0.9)))
    cover = pen.cover() * np.float32(rng.uniform(0.75, 1.0))
    layer.draw(cover, paper(rng) if rng.random() < 0.8 else dirt(rng))


def craquelure(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A net of fine cracks over an area, as dried emulsion has."""
    pen = Pen(zone.shape)
    outlines = cells(rng, zone.shape, rng.uniform(12, 34) * scale)
    width = rng.uniform(0.5, 1.3) * max(1.0, scale * 0.7)
    edges = [outline[at : at + 2] for outline in outlines for at in range(len(outline) - 1)]
    pen.lines(
        [edge for edge, wanted in zip(edges, rng.random(len(edges)) < 0.6, strict=True) if wanted], width
    )
    cover = bent(rng, pen.cover(), 10 * scale, rng.uniform(0.8, 2.2) * scale)
    centre = aim(rng, zone)
    rows, columns = np.mgrid[0 : zone.shape[0], 0 : zone.shape[1]].astype(np.float32)
    reach = rng.uniform(30, 110) * scale
    distance = np.hypot(columns - np.float32(centre[0]), rows - np.float32(centre[1])) / np.float32(reach)
    area = np.clip((1.1 - distance + clouds(rng, zone.shape, 30 * scale) * 0.3) * 3, 0, 1)
    faded: Floats = cover * area * np.float32(rng.uniform(0.5, 1.0))
    layer.draw(faded, paper(rng) if rng.random() < 0.6 else dirt(rng))


def scan_lines(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Straight lines from edge to edge: streaks of a scanner, tramlines of a projector."""
    pen = Pen(zone.shape)
    height, width = zone.shape
    centre, upright = aim(rng, zone), rng.random() < 0.7
    for _ in range(int(rng.integers(1, 5))):
        if upright:
            at = centre[0] + rng.normal(0, 20) * scale
            ends = np.array([[at, 0.0], [at + rng.normal(0, 1), height]])
        else:
            at = centre[1] + rng.normal(0, 20) * scale
            ends = np.array([[0.0, at], [width, at + rng.normal(0, 1)]])
        pen.line(ends, rng.uniform(0.5, 1.4) * max(1.0, scale * 0.7))
    layer.draw(_dense(rng, pen, 0.35), any_colour(rng, extremes=0.85))


def _dense(rng: Generator, pen: Pen, least: float) -> Floats:
    """What was drawn, as dense as ``least`` to 1."""
    cover: Floats = pen.cover() * np.float32(rng.uniform(least, 1.0))
    return cover
