"""Make the pictures anew that pages show of originals, with their mean colour and their perceptual hash.

For originals that came in before an update of Pulih made better ones, or whose thumbnails were lost; they
are only read. It may be stopped at any time; with --missing it makes those only of which a file is not there.

Examples:

    manage.py remake_renditions
    manage.py remake_renditions --missing
    manage.py remake_renditions --collection "Album 3"
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from archive.errors import InputError
from archive.files.renditions import LONG_SIDES, rendition_file
from archive.management.commands.export_bag import named_collection
from archive.management.documented import DocumentedCommand
from archive.models import Original, Photo
from archive.services import remake_renditions


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--missing", action="store_true", help="only where a file is not there")
        parser.add_argument("--collection", metavar="NAME", help="id or title: only those in and below it")

    def handle(self, **options: Any) -> None:
        originals = Original.objects.order_by("pk")
        if options["collection"]:
            photos = Photo.objects.within(named_collection(options["collection"]))
            originals = originals.filter(pk__in=photos.values("original"))
        made = failed = 0
        # disable=None: no bar where the output is not a terminal.
        for original in tqdm(originals.iterator(), total=originals.count(), unit=" originals", disable=None):
            if options["missing"] and _is_there(original):
                continue
            try:
                made += remake_renditions(original=original)
            except (InputError, OSError) as error:
                failed += 1
                self.stderr.write(f"{original.sha256}: {error}")
        self.stdout.write(f"Renditions of {made} originals made.")
        if failed:
            raise CommandError(f"{failed} originals cannot be read; they are named above.")


def _is_there(original: Original) -> bool:
    return all(rendition_file(original.sha256, kind).exists() for kind in LONG_SIDES)
