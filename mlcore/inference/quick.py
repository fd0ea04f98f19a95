"""Eight bits for the quick mode.

Weights are rounded channel by channel to 64 levels a side of zero: processors without VNNI add pairs of
products in 16 bits, which overflow with more. Signals are rounded to 256 levels within the range that they
have on pictures that come with scikit-image, damaged by our own recipes. So the ranges are made anew from any
weights when these are loaded, in a few seconds, and nothing has to be shipped with them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from skimage import data

from mlcore.degradation import ARCHIVE, LEVELS, degrade, find_zones
from mlcore.images import Bytes, to_network
from mlcore.inference.graphs import (
    Arithmetic,
    Array,
    Exact,
    Node,
    compile_graph,
    constant,
    finder_graph,
    refiner_graph,
)
from mlcore.inference.pictures import Floats
from mlcore.inference.runtime import op, ov
from mlcore.networks import FindFillRefine
from mlcore.networks.find_fill_refine import decided

Ranges = dict[str, tuple[float, float]]
"""Lowest and highest value of each signal by its name in the graph, 0 among them."""

SIDE = 256
PICTURES = ("astronaut", "camera")
BEYOND = 1e-4
"""Share of a signal's values at each end of its range that are clipped."""


_TAPS = ((3, 1), (2, 0))
"""Which of the four rows of a transposed kernel make the even rows of its answer, and which the odd ones."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The ranges of both graphs."""

    finder: Ranges
    refiner: Ranges


class EightBits:
    """``Arithmetic`` by the ranges that signals were found to have."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges

    def signal(self, node: Node, name: str) -> Node:
        """To 256 levels; from 0 where it is never negative, otherwise symmetric about 0."""
        low, high = self._ranges[name]
        if low >= 0:
            edges = (0.0, max(high, 1e-6))
        else:
            largest = max(-low, high)
            edges = (-largest, largest * 127 / 128)
        return _rounded(node, *(np.full((1, 1, 1, 1), edge) for edge in edges), levels=256)

    def weights(self, weights: Array) -> Node:
        """Symmetric, of each leaving channel by its largest weight."""
        largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True).clip(1e-9)
        # Twice the range at 255 levels leaves 64 levels a side.
        return _rounded(constant(weights), -2 * largest, 2 * largest, levels=255)

    def doubling(self, node: Node, kernel: Array) -> Node:
        """As four convolutions 2x2, one for each place in two by two pixels: those there are in 8 bits."""
        phases = [
            op.convolution(
                node,
                self.weights(kernel[:, :, _TAPS[down]][..., _TAPS[across]]),
                [1, 1],
                [1 - down, 1 - across],
                [down, across],
                [1, 1],
            )
            for down in (0, 1)
            for across in (0, 1)
        ]
        return op.depth_to_space(op.concat(phases, 1), "blocks_first", 2)


class _Listening(Exact):
    """Exact, and keeps the nodes whose values are to be known."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}

    def signal(self, node: Node, name: str) -> Node:
        """As it is."""
        self.nodes[name] = node
        return node


def calibrated(generator: FindFillRefine, threads: int) -> Calibration:
    """The ranges of a network's signals on the calibration pictures, computed by so many threads."""
    for_finder, for_refiner = [], []
    with torch.inference_mode():
        for picture in damaged_pictures():
            degraded = to_network(picture)
            found = decided(generator.finder(degraded))
            for_finder.append(degraded.numpy())
            for_refiner.append(
                torch.cat([generator.first_guess(degraded, found), degraded, found], dim=1).numpy()
            )
    return Calibration(
        finder=_ranges(lambda arithmetic: finder_graph(generator.finder, arithmetic), for_finder, threads),
        refiner=_ranges(
            lambda arithmetic: refiner_graph(generator.refiner, arithmetic), for_refiner, threads
        ),
    )


def damaged_pictures() -> Iterator[Bytes]:
    """The calibration pictures, (SIDE, SIDE, 3) uint8, each with every level's damage and the archive's.

    Always the same: other ranges would make other bytes of what was restored before.
    """
    for name in PICTURES:
        picture = getattr(data, name)()
        if picture.ndim == 2:
            picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
        clean = np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
        zones = find_zones(clean)
        for seed, level in enumerate((*LEVELS, ARCHIVE)):
            yield degrade(clean, level, seed, zones).image


def _ranges(graph: Callable[[Arithmetic], ov.Model], entries: list[Floats], threads: int) -> Ranges:
    """Of the signals that enter the multiplications of a graph."""
    listening = _Listening()
    parameters = graph(listening).get_parameters()
    listened = ov.Model([op.result(node) for node in listening.nodes.values()], parameters)
    compiled = compile_graph(listened, threads)
    ranges = dict.fromkeys(listening.nodes, (0.0, 0.0))
    for entry in entries:
        answers = compiled([entry])
        for place, name in enumerate(listening.nodes):
            low, high = _inner_range(answers[place].ravel())
            ranges[name] = min(ranges[name][0], float(low)), max(ranges[name][1], float(high))
    return ranges


def _inner_range(values: Floats) -> tuple[np.float32, np.float32]:
    """The lowest and the highest value but for ``BEYOND`` at each end, by selection."""
    beyond = int(len(values) * BEYOND)
    ordered = np.partition(values, (beyond, len(values) - 1 - beyond))
    return ordered[beyond], ordered[len(values) - 1 - beyond]


def _rounded(node: Node, low: Array, high: Array, *, levels: int) -> Node:
    edges = [op.constant(edge.astype(np.float32)) for edge in (low, high)]
    return op.fake_quantize(node, *edges, *edges, levels)
