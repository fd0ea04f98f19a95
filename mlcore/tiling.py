"""Where the tiles of a picture lie, and with which weights they are blended.

Geometry of one axis only; a tile of a picture is one ``Span`` down and one across. Spans begin at multiples
of the network's stride, so that each tile is seen on the same sampling grid as the whole picture would be.

Where two neighbours overlap, each is least sure near its own border, where it sees nothing beyond. So the
outer quarter of the overlap is not used at all, and the blend runs over the middle half of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Span:
    """The part of an axis that one tile covers, in pixels, ends exclusive.

    The network sees ``start`` to ``stop``; of its answer only ``used_start`` to ``used_stop`` counts, with
    ``lead_in`` pixels at the beginning and ``lead_out`` at the end that are shared with the neighbour before
    and after.
    """

    start: int
    stop: int
    used_start: int
    used_stop: int
    lead_in: int
    lead_out: int

    def weights(self) -> NDArray[np.float32]:
        """(used_stop - used_start,) float32 in (0, 1]: ramps over the shared pixels, 1 between them.

        At each pixel the weights of all spans of the axis sum to one.
        """
        weights = np.ones(self.used_stop - self.used_start, np.float32)
        weights[: self.lead_in] = _ramp(self.lead_in)
        weights[len(weights) - self.lead_out :] = 1 - _ramp(self.lead_out)
        return weights


PIXELS_AT_ONCE = 2**22
"""However wide a picture is, no more of it is gone through at a time, but for a single row."""


def plan_spans(length: int, *, tile: int, overlap: int, stride: int, least: int = 0) -> list[Span]:
    """Cover ``length`` pixels by as few, even and small spans as overlap by at least ``overlap`` pixels.

    ``length`` and ``tile`` must be positive multiples of ``stride``, and ``overlap`` (rounded up to the
    stride) at most half of ``tile``; otherwise ValueError. No span is longer than ``tile``, and of several
    none is shorter than ``least`` (at most ``tile``); a length of at most ``tile`` is one span.
    """
    if length <= 0 or length % stride:
        raise ValueError(f"length {length} is not a positive multiple of the stride {stride}")
    if tile <= 0 or tile % stride:
        raise ValueError(f"tile {tile} is not a positive multiple of the stride {stride}")
    if overlap < 0 or 2 * round_up(overlap, stride) > tile:
        raise ValueError(f"overlap {overlap} (stride {stride}) is not between 0 and half of the tile {tile}")
    if length <= tile:
        return [Span(0, length, 0, length, 0, 0)]

    shared = round_up(overlap, stride)
    count = -((shared - length) // (tile - shared))  # ceil((length - shared) / (tile - shared))
    # That many tiles may be smaller and still overlap enough, which saves up to half of the work.
    tile = round_up(max(least, -(-(length + (count - 1) * shared) // count)), stride)
    room = (length - tile) // stride
    starts = [index * room // (count - 1) * stride for index in range(count)]

    blend = overlap // 2
    seams = [(after + before + tile - blend) // 2 for before, after in pairwise(starts)]
    return [
        Span(
            start=start,
            stop=start + tile,
            used_start=seams[index - 1] if index else 0,
            used_stop=seams[index] + blend if index < len(seams) else length,
            lead_in=blend if index else 0,
            lead_out=blend if index < len(seams) else 0,
        )
        for index, start in enumerate(starts)
    ]


def mirrored(start: int, stop: int, length: int) -> NDArray[np.intp]:
    """Indices into an axis of ``length`` pixels for positions ``start`` to ``stop`` - 1, mirrored at its
    ends.

    The border pixel is not repeated; positions further out than the axis is long are reflected again.
    """
    if length == 1:
        return np.zeros(stop - start, np.intp)
    period = 2 * (length - 1)
    positions = np.arange(start, stop) % period
    return np.where(positions < length, positions, period - positions).astype(np.intp)


def round_up(value: int, multiple: int) -> int:
    """The smallest multiple of ``multiple`` that is not below ``value``."""
    return -(-value // multiple) * multiple


def rows_at_once(width: int, most: int) -> int:
    """How many rows to go through at a time: ``most``, or fewer of a very wide picture."""
    return max(1, min(most, PIXELS_AT_ONCE // width))


def bands(height: int, rows: int) -> Iterator[slice]:
    """Slices of at most ``rows`` rows that cover ``height`` rows from the top."""
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def _ramp(width: int) -> NDArray[np.float32]:
    """(width,) float32: rises evenly from just above 0 to just below 1, symmetric about the middle."""
    return ((np.arange(width, dtype=np.float32) + 0.5) / max(width, 1)).astype(np.float32)
