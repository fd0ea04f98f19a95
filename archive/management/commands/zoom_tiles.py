"""Make, remake or remove the tiles by which large pictures are looked at.

A worker makes a picture's tiles when somebody looks at it for the first time; with `make` they are there
before. They can be made at any time, so no backup has them. Ends with status 1 when some cannot be made.

  manage.py zoom_tiles make
  manage.py zoom_tiles remake
  manage.py zoom_tiles prune
  manage.py zoom_tiles prune --unused-days 90
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.management.documented import DocumentedCommand
from archive.zooming.keeping import make_missing_tiles, prune_tiles, remake_tiles
from archive.zooming.orders import TilesState


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what",
            choices=["make", "remake", "prune"],
            help="make: all that are missing; remake: all that there are; prune: those whose picture is gone",
        )
        parser.add_argument(
            "--unused-days",
            type=float,
            metavar="DAYS",
            help="with prune: also those that nobody has looked at for so long",
        )

    def handle(self, *_args: Any, what: str, unused_days: float | None = None, **options: Any) -> None:
        if what == "prune":
            count, freed = prune_tiles(unused_days=unused_days)
            self.stdout.write(f"{count} removed, {freed / 1_000_000:.1f} MB")
            return
        made = failed = 0
        for source, state in make_missing_tiles() if what == "make" else remake_tiles():
            made += state is TilesState.READY
            if state is TilesState.FAILED:
                failed += 1
                self.stderr.write(f"{source.key}: not a picture that tiles can be made of")
        self.stdout.write(f"{made} made, {failed} failed")
        if failed:
            raise CommandError(f"{failed} pictures have no tiles.")
