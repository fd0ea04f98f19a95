"""Damage that lies on the surface and lets the picture show through: stains, tape, veils."""

import numpy as np
from numpy.random import Generator

from mlcore.degradation.layers import DamageLayer
from mlcore.degradation.marks.drawing import (
    Pen,
    Zone,
    aim,
    blob_depth,
    brown,
    clouds,
    dirt,
    frame_around,
    heading,
    paper,
    ramp,
)


def stain(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """A spill that dried from the outside in: a tint, and tide lines one within the other."""
    centre, radius = aim(rng, zone), rng.uniform(14, 60) * scale
    frame = frame_around(centre, radius * 2.2, zone.shape)
    depth = blob_depth(rng, frame, centre, radius, ragged=rng.uniform(0.1, 0.3), octaves=3)
    depth *= np.float32(radius)
    colour = brown(rng) if rng.random() < 0.75 else dirt(rng)
    patchy = np.clip(1 + clouds(rng, depth.shape, radius * 0.5, 2) * 0.25, 0.3, 1.4)
    layer.draw(
        (ramp(depth, 2.5 * scale) * patchy).clip(0, 1) * np.float32(rng.uniform(0.12, 0.55)),
        colour,
        frame.left,
        frame.top,
    )
    at = 0.0
    for _ in range(int(rng.integers(1, 4))):
        width = rng.uniform(0.8, 2.6) * scale
        # Sharp on the outside, fading inwards, as pigment is carried to the edge.
        inwards = np.maximum(depth - at, 0) / np.float32(2.5 * width)
        line = np.where(depth > at, np.exp(-inwards), ramp(depth - at, width))
        layer.draw(
            (line * rng.uniform(0.2, 0.75)).astype(np.float32),
            colour * np.float32(0.75),
            frame.left,
            frame.top,
        )
        at += rng.uniform(0.12, 0.35) * radius


def tape(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Adhesive tape, or the glue that it left: a translucent strip, yellowed, with straight edges."""
    centre, angle = aim(rng, zone), rng.uniform(0, np.pi)
    along, sideways = heading(angle), heading(angle + np.pi / 2)
    half, width = rng.uniform(22, 110) * scale, rng.uniform(6, 17) * scale
    # Cut by a serrated blade at both ends.
    teeth = np.linspace(-1, 1, int(rng.integers(2, 12)))
    jags = (np.arange(teeth.size) % 2) * rng.uniform(0, 2.5) * scale
    far = centre + along * (half + jags)[:, None] + sideways * (teeth * width)[:, None]
    near = centre - along * (half + jags)[:, None] + sideways * (teeth * width)[:, None]
    pen = Pen(zone.shape)
    pen.fill(np.vstack([far, near[::-1]]))
    strip = pen.cover()
    tint = np.array([rng.uniform(195, 240), rng.uniform(165, 215), rng.uniform(95, 175)], np.float32)
    streaks = np.clip(1 + clouds(rng, zone.shape, 14 * scale, 2) * 0.2, 0.4, 1.4)
    layer.draw((strip * streaks).clip(0, 1) * np.float32(rng.uniform(0.2, 0.7)), tint)
    edges = Pen(zone.shape)
    for border in (np.stack([far[0], near[0]]), np.stack([far[-1], near[-1]])):
        edges.line(border, rng.uniform(0.6, 1.6) * scale)
    layer.draw(
        edges.cover() * np.float32(rng.uniform(0.15, 0.6)),
        tint * np.float32(0.6) if rng.random() < 0.6 else paper(rng),
    )


def burn(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Scorched or chemically attacked from a border: brown, darkest at the edge, with a ragged front."""
    height, width = zone.shape
    place = aim(rng, zone)
    place[int(rng.integers(2))] *= 0.0
    if rng.random() < 0.5:
        place = np.array([width, height]) - place
    radius = rng.uniform(18, 60) * scale
    frame = frame_around(place, radius * 2, zone.shape)
    depth = blob_depth(rng, frame, place, radius, ragged=0.25, octaves=4)
    layer.draw(ramp(depth - 0.15, 0.5) * np.float32(rng.uniform(0.4, 0.9)), brown(rng), frame.left, frame.top)
    layer.draw(
        ramp(depth - rng.uniform(0.35, 0.6), 0.25) * np.float32(rng.uniform(0.4, 1.0)),
        dirt(rng),
        frame.left,
        frame.top,
    )


def veil(layer: DamageLayer, rng: Generator, zone: Zone, scale: float) -> None:
    """Silver come to the surface, or a light leak: a bright cloud over part of the picture."""
    centre, radius = aim(rng, zone), rng.uniform(20, 60) * scale
    frame = frame_around(centre, radius * 2.4, zone.shape)
    depth = blob_depth(rng, frame, centre, radius, ragged=0.3, octaves=2)
    cover = ramp(depth - 0.1, rng.uniform(0.3, 0.7)) * np.float32(rng.uniform(0.25, 0.7))
    cover *= np.clip(1 + clouds(rng, cover.shape, 8 * scale, 3) * 0.2, 0.2, 1.3)
    silver = np.array([rng.uniform(170, 235), rng.uniform(180, 240), rng.uniform(195, 255)], np.float32)
    leak = np.array([255, rng.uniform(120, 220), rng.uniform(40, 140)], np.float32)
    layer.draw(cover.clip(0, 1), silver if rng.random() < 0.65 else leak, frame.left, frame.top)
