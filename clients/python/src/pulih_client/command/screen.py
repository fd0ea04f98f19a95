"""What the command says: what happened to stdout, what went wrong to stderr, and how far it is in one line
that is written over, where somebody looks on.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

_EVERY = 0.1
"""Seconds between two states of the line."""


class Screen:
    """`quiet`: only what went wrong, and sums."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live = not quiet and sys.stderr.isatty()
        self._shown_at = 0.0

    def line(self, text: str) -> None:
        """Something happened."""
        if not self._quiet:
            self._clear()
            self._write(sys.stdout, text)

    def sum(self, text: str) -> None:
        """What all of it came to; told in any case."""
        self._clear()
        self._write(sys.stdout, text)

    def complaint(self, text: str) -> None:
        """Something went wrong; told in any case."""
        self._clear()
        self._write(sys.stderr, text)

    def now(self, text: str) -> None:
        """What is being done at the moment."""
        if self._live and time.monotonic() - self._shown_at > _EVERY:
            self._clear()
            self._shown_at = time.monotonic()
            self._write(sys.stderr, text[: shutil.get_terminal_size().columns - 1], end="")

    def _clear(self) -> None:
        if self._live and self._shown_at:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _write(self, stream: TextIO, text: str, end: str = "\n") -> None:
        # A file's name may hold what the terminal's encoding has no letters for.
        encoding = stream.encoding or "utf-8"
        shown = text.encode(encoding, errors="replace").decode(encoding)
        stream.write(f"{shown}{end}")
        stream.flush()


def sized(byte_count: int) -> str:
    """`12.3 MB`."""
    size = float(byte_count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
