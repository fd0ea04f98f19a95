"""How far the work on a picture is: told so often that whoever listens can also end it soon."""

from collections.abc import Callable
from typing import Self

Progress = Callable[[int, int], None]
"""Called with the steps done and all steps: after each tile, and between tiles wherever rows are gone
through, then with the numbers of before. What it raises ends the work, which leaves nothing half done."""

ALL_STEPS = 1000
"""Of a file."""

SHARE_OF_RENDERING = 0.1
SHARE_OF_PASS = 0.3
"""How long rendering a page, and a pass, take against repairing a page; for the progress only."""


class Counter:
    """Counts steps and tells of them."""

    def __init__(self, report: Progress | None) -> None:
        self._done, self._total = 0, 1
        self._report = report

    def of(self, total: int) -> Self:
        """The same, now that it is known how many there are; tells that none is done."""
        self._total = total
        self.still()
        return self

    def __call__(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self._done += steps
        self.still()

    def still(self) -> None:
        """No more is done, but some work went by."""
        if self._report:
            self._report(self._done, self._total)


class FileProgress:
    """One row of steps over all pages of a file, their rendering and the passes over one of them."""

    def __init__(self, pages: int, passes: int, report: Progress | None) -> None:
        self._report = report
        self._pages = pages
        self._rendered = pages + pages * SHARE_OF_RENDERING
        self._whole = self._rendered + passes * SHARE_OF_PASS

    def of_page(self, number: int) -> Progress:
        """For the tiles of a page, counted from 0."""
        return lambda done, total: self._tell(number + done / max(total, 1))

    def of_rendering(self, done: int, total: int) -> None:
        """For the rows of all pages."""
        self._tell(self._pages + self._pages * SHARE_OF_RENDERING * (done / max(total, 1)))

    def of_pass(self, number: int) -> Progress:
        """For the tiles of a pass, counted from 0."""
        return lambda done, total: self._tell(
            self._rendered + (number + done / max(total, 1)) * SHARE_OF_PASS
        )

    def _tell(self, done: float) -> None:
        if self._report:
            self._report(int(ALL_STEPS * (done / self._whole)), ALL_STEPS)
