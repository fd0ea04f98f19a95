"""Damage too large for the finder's field: looked for at reduced sizes, and believed only with good reason.

A blot of a thousand pixels is nothing but an even surface to a finder that sees two hundred; at full size
only its rim is found, if that. At a reduced size it is a blot. But the finder's answers there bring false
alarms with them, so an area is added only if it is certain there and wide; or to a picture in which damage
has been found already, if it is sure, sure throughout, too thick to be a detail, and found in part at full
size too. docs/experiments.md has what was measured of both.
"""

from collections.abc import Callable

import cv2
import numpy as np

from mlcore.inference.engines import Engine
from mlcore.inference.finding import FindingPlan, find_damage
from mlcore.inference.hands import HandOnCanvas, laid
from mlcore.inference.pictures import ArrayPage, Canvas, Floats, Page, Truths, Window, as_stored
from mlcore.inference.reducing import ROWS_AT_ONCE, reduced, reduced_picture
from mlcore.inference.scratch import ScratchPlane
from mlcore.networks.find_fill_refine import DamageFinder
from mlcore.networks.lean import LeanFinder
from mlcore.tiling import bands, rows_at_once

SIDES = (2048, 1024, 512, 192)
"""Pixels of the longer side at which the finder looks once more."""

TIMES = 2.5
"""A size is left out unless the picture is that many times larger: nearer ones add more false alarms."""

ALREADY_FOUND = 0.045
"""Share of the pixels that must have been found at full size; false alarms seldom make up so many."""

SURE = 0.8
"""An area is where the verdict at the reduced size is above this ..."""

SURE_THROUGHOUT = 0.9
"""... with a mean of at least this ..."""

THICK = 4
"""... that holds a disc of this radius, in pixels of the reduced size ..."""

SHARED = 0.2
"""... and of which at least this share was found at full size too; or ..."""

CERTAIN = 0.99
"""... with a mean of at least this, whatever was found of it at full size and in all of the picture ..."""

WIDE = 12
"""... that holds a disc of this radius: at full size it may be but an even surface."""


def coarse_sides(height: int, width: int) -> tuple[int, ...]:
    """The reduced sizes at which a picture is looked at."""
    longer = max(height, width)
    return tuple(side for side in SIDES if side * TIMES <= longer)


class CoarseFinding:
    """The looks at a picture's reduced sizes."""

    def __init__(
        self,
        canvas: Canvas,
        finder: DamageFinder | LeanFinder,
        tile: int,
        on_rows: Callable[[], None],
        *,
        looks: int = 1,
    ) -> None:
        """``on_rows`` is called now and then while the picture is gone through. ``looks``: at each size."""
        self._canvas = canvas
        self._on_rows = on_rows
        page = canvas.page
        self._looks = [
            _Look(page, side, finder, tile, on_rows, looks=looks)
            for side in coarse_sides(page.height, page.width)
        ]
        self.count = sum(look.count for look in self._looks)

    def add_to(
        self,
        found: ScratchPlane,
        share_found: float,
        engine: Engine,
        hand: HandOnCanvas,
        on_tile: Callable[[], None],
    ) -> float:
        """Add what is believed to what was ``found`` at full size; the hand has the last word again.

        ``share_found``: of the picture, at full size. Gives the largest share of damage of a pixel that was
        touched, 0 if none was.
        """
        added, largest = [], 0.0
        for look in self._looks:
            verdict = look.verdict(engine, on_tile)
            at_size = self._at_size(found, look.side) if share_found >= ALREADY_FOUND else None
            areas = believed_areas(verdict, at_size)
            if areas.any():
                added.append(np.where(areas, verdict, np.float32(0)))
        if not added:
            return largest
        for rows in bands(self._canvas.height, rows_at_once(self._canvas.width, ROWS_AT_ONCE)):
            window = Window(rows.start, rows.stop, 0, self._canvas.width)
            share = found.read(window)
            for area in added:
                share = np.maximum(share, laid(area, self._canvas, window))
            share = hand.on(share, window)
            found.write(rows.start, share)
            largest = max(largest, float(share.max()))
            self._on_rows()
        return largest

    def _at_size(self, found: ScratchPlane, side: int) -> Floats:
        """What was found at full size, as stored, reduced."""
        page, columns = self._canvas.page, self._canvas.own_columns()
        before = self._canvas.rows.before

        def own_rows(top: int, bottom: int) -> Floats:
            return found.read(Window(top + before, bottom + before, columns.start, columns.stop))

        return reduced(page.height, page.width, side, own_rows, self._on_rows)


class _Look:
    """The finder's look at one reduced size."""

    def __init__(
        self,
        page: Page,
        side: int,
        finder: DamageFinder | LeanFinder,
        tile: int,
        on_rows: Callable[[], None],
        *,
        looks: int,
    ) -> None:
        self.side = side
        self._orientation = page.orientation
        self._small = Canvas(ArrayPage(reduced_picture(page, side, on_rows)), finder.stride)
        self._plan = FindingPlan(self._small, finder, tile, looks=looks)
        self.count = self._plan.count

    def verdict(self, engine: Engine, on_tile: Callable[[], None]) -> Floats:
        """(h, w) in [0, 1], as stored."""
        small = self._small
        plane = ScratchPlane(small.width, None)
        find_damage(small, self._plan, engine, hand=HandOnCanvas(None, small), found=plane, on_tile=on_tile)
        shown = plane.read(Window(0, small.page.height, 0, small.page.width))
        plane.close()
        return np.ascontiguousarray(as_stored(shown, self._orientation))


def believed_areas(verdict: Floats, at_full_size: Floats | None) -> Truths:
    """Which areas of a verdict (h, w) are believed; bool.

    ``at_full_size``: the full size's verdict at the same size, None where so little was found there that it
    speaks for nothing.
    """
    sure = (verdict > SURE).astype(np.uint8)
    count, labels = cv2.connectedComponents(sure, connectivity=8)
    flat = labels.ravel()
    sizes = np.maximum(np.bincount(flat, minlength=count), 1)
    means = np.bincount(flat, verdict.ravel(), count) / sizes

    def holding(radius: int) -> Truths:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        held = cv2.erode(sure, disc, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
        return np.asarray(np.bincount(flat, held.ravel(), count) > 0)

    keep = (means >= CERTAIN) & holding(WIDE)
    if at_full_size is not None:
        shared = np.bincount(flat, (at_full_size > 0.5).ravel(), count) / sizes
        keep |= (means >= SURE_THROUGHOUT) & (shared >= SHARED) & holding(THICK)
    keep[0] = False  # what lies between the areas
    return np.asarray(keep[labels])
