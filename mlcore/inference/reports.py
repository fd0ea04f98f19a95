"""What a restoration did, in numbers: counted while its rows pass by."""

from dataclasses import asdict, dataclass, field, fields
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.images import Bytes
from mlcore.inference.pictures import Floats

LEVEL_BOUNDS = (("light", 0.06), ("medium", 0.175))
"""A level of damage and the share of damaged pixels up to which it goes; beyond is heavy.

From the benchmark's own damage (60 faces of each level, 5th to 95th percentile): light .011 to .049, medium
.075 to .166, heavy .187 to .313; the bounds lie between them."""

SURELY = 127
"""Of 255: above this share a pixel counts as damaged."""


@dataclass(slots=True)
class Tally:
    """Sums over the pixels of a page, or of several.

    Changes are absolute differences of samples in steps of 0 to 255. "Inside" is where the share of damage
    is above 0, however little. ``black`` and ``clipped`` count pixels: all channels at most 2, or all at 0 or
    all at 255.
    """

    pixels: int = 0
    samples: int = 0
    changed: int = 0
    damaged: int = 0
    inside: int = 0
    sum_inside: float = 0.0
    max_inside: float = 0.0
    sum_outside: float = 0.0
    max_outside: float = 0.0
    level_before: float = 0.0
    level_inside_before: float = 0.0
    level_inside_after: float = 0.0
    black_before: int = 0
    black_after: int = 0
    black_outside: int = 0
    clipped_before: int = 0
    clipped_after: int = 0
    clipped_outside: int = 0

    def add(self, before: Floats, after: Floats, share: Bytes) -> Floats:
        """Count rows, (h, w, C) in steps of 0 to 255 each, and their share of damage (h, w) uint8.

        Gives the largest change of each pixel, (h, w).
        """
        within = share > 0
        difference = np.abs(after - before)
        largest: Floats = difference.max(axis=2)
        self.pixels += within.size
        self.samples += before.size
        self.changed += int(np.count_nonzero(largest))
        self.damaged += int(np.count_nonzero(share > SURELY))
        self.level_before += float(before.sum(dtype=np.float64))
        self.black_outside += _black(before[~within])
        self.clipped_outside += _clipped(before[~within])
        self.sum_outside += float(difference[~within].sum(dtype=np.float64))
        self.max_outside = max(self.max_outside, float(largest[~within].max(initial=0)))
        if within.any():
            was, now = before[within], after[within]
            self.inside += len(was)
            self.sum_inside += float(difference[within].sum(dtype=np.float64))
            self.max_inside = max(self.max_inside, float(largest[within].max()))
            self.level_inside_before += float(was.sum(dtype=np.float64))
            self.level_inside_after += float(now.sum(dtype=np.float64))
            self.black_before += _black(was)
            self.black_after += _black(now)
            self.clipped_before += _clipped(was)
            self.clipped_after += _clipped(now)
        return largest

    def merge(self, other: "Tally") -> None:
        """Count another page's sums too."""
        for place in fields(self):
            mine, others = getattr(self, place.name), getattr(other, place.name)
            kept = max if place.name.startswith("max_") else add
            setattr(self, place.name, kept(mine, others))

    def page_report(self) -> "PageReport":
        """The sums as figures of a page."""
        outside = self.pixels - self.inside
        channels = self.samples / self.pixels
        return PageReport(
            pixels=self.pixels,
            share_changed=self.changed / self.pixels,
            share_damaged=self.damaged / self.pixels,
            share_inside=self.inside / self.pixels,
            mean_change=(self.sum_inside + self.sum_outside) / self.samples,
            max_change=max(self.max_inside, self.max_outside),
            mean_change_inside=self.sum_inside / max(self.inside * channels, 1),
            max_change_inside=self.max_inside,
            mean_change_outside=self.sum_outside / max(outside * channels, 1),
            max_change_outside=self.max_outside,
            share_stark=self.clipped_outside / max(outside, 1),
        )


@dataclass(frozen=True, slots=True)
class PageReport:
    """How much a restoration changed.

    ``share_changed``: share of pixels of which any sample differs. ``share_damaged``: share that was taken
    for damaged rather than not. ``share_inside``: share that was taken for damaged at all. Changes: absolute
    differences in steps of 0 to 255, whatever the depth, over all samples, over those inside the damage and
    over those outside, where nothing may change. ``share_stark``: share of what is undamaged that is pure
    black or white.
    """

    pixels: int
    share_changed: float
    share_damaged: float
    share_inside: float
    mean_change: float
    max_change: float
    mean_change_inside: float
    max_change_inside: float
    mean_change_outside: float
    max_change_outside: float
    share_stark: float

    @property
    def level(self) -> str:
        """ "none", "light", "medium" or "heavy" damage, by the share of damaged pixels."""
        if self.share_inside == 0:
            return "none"
        return next((name for name, bound in LEVEL_BOUNDS if self.share_damaged <= bound), "heavy")


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file, over all its pages; changes as they are before a JPEG is compressed.

    ``format``: of the result, "tiff", "png" or "jpeg". ``height``, ``width``: of the first page, in pixels.
    ``seconds``: of wall time. ``peak_memory_bytes``: of the process until then. ``invention``: mean spread of
    several passes inside the damage of the first page that has any, in steps of 0 to 255; None if it was not
    asked for. ``portrait``: whether a face was found that fills a quarter of the first page's shorter side or
    more; None where nobody looked, since nothing was damaged. ``notes``: codes of what was converted on the
    way. ``layers``: (h, w) uint8, upright, at most 1600 pixels a side, of the first page: "mask" (255: surely
    damaged), "change" (the largest in steps of 255) and, if asked for, "invention" (four times the spread).
    """

    total: PageReport
    pages: list[PageReport]
    format: str
    seconds: float
    peak_memory_bytes: int
    invention: float | None = None
    portrait: bool | None = None
    notes: list[str] = field(default_factory=list)
    layers: dict[str, Bytes] = field(default_factory=dict)
    height: int = 0
    width: int = 0

    @property
    def share_damaged(self) -> float:
        """See ``PageReport``."""
        return self.total.share_damaged

    @property
    def level(self) -> str:
        """See ``PageReport``; of all pages together."""
        return self.total.level

    def figures(self) -> dict[str, Any]:
        """All numbers as JSON: those of ``PageReport`` over all pages, then the rest, without layers.

        "page_count", and "pages_repaired": on how many of them anything was changed.
        """
        return asdict(self.total) | {
            "level": self.level,
            "page_count": len(self.pages),
            "pages_repaired": sum(page.share_changed > 0 for page in self.pages),
            "pages": [asdict(page) | {"level": page.level} for page in self.pages],
            "format": self.format,
            "seconds": self.seconds,
            "peak_memory_bytes": self.peak_memory_bytes,
            "invention": self.invention,
            "portrait": self.portrait,
            "notes": self.notes,
        }


class Reduced:
    """The largest value of each patch of a picture, gathered from rows; at most ``side`` pixels a side."""

    def __init__(self, height: int, width: int, side: int) -> None:
        scale = min(1.0, side / max(height, width))
        self.shape = tuple(max(1, round(length * scale)) for length in (height, width))
        self._rows_of = np.arange(height) * self.shape[0] // height
        columns_of = np.arange(width) * self.shape[1] // width
        self._columns = np.flatnonzero(np.diff(columns_of, prepend=-1))
        self.values = np.zeros(self.shape, np.float32)

    def add(self, top: int, rows: NDArray[Any]) -> None:
        """Take (h, width) rows from row ``top`` on, in any order."""
        narrow = np.maximum.reduceat(rows, self._columns, axis=1).astype(np.float32)
        np.maximum.at(self.values, self._rows_of[top : top + len(rows)], narrow)

    def as_bytes(self) -> Bytes:
        """(h, w) uint8, values above 255 clamped."""
        return np.rint(self.values).clip(0, 255).astype(np.uint8)


def _black(pixels: Floats) -> int:
    return int(np.count_nonzero(pixels.max(axis=1, initial=0) <= 2)) if len(pixels) else 0


def _clipped(pixels: Floats) -> int:
    if not len(pixels):
        return 0
    return int(np.count_nonzero((pixels.max(axis=1) <= 0) | (pixels.min(axis=1) >= 255)))
