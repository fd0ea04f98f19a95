"""Write a collection, with everything below it, to a new folder or ZIP as a bag (BagIt).

Originals, approved restorations, metadata as CSV and JSON-LD, events as PREMIS, and a manifest of SHA-256.
For keeping (the default) files leave as they are, with records that "import_bag" understands; for passing on
they are without camera positions and serial numbers.

Examples:

    manage.py export_bag 0b8f2c4e-5d0e-4a57-9c37-6a3a1b2c4d5e /export/album-3
    manage.py export_bag "Album 3" /export/album-3.zip --purpose passing-on
    python -m bagit --validate /export/album-3
"""

from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from archive.bags.contents import Purpose
from archive.bags.outgoing import OutgoingBag
from archive.errors import PulihError
from archive.files.storage import FixityError
from archive.management.documented import DocumentedCommand
from archive.models import Collection
from archive.services import export_bag, record_failed_export


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("collection", help="its id, or its title where no other has the same")
        parser.add_argument(
            "target", type=Path, help="a folder, or a file that ends in .zip; neither may exist"
        )
        parser.add_argument("--purpose", choices=Purpose.values, default=Purpose.KEEPING)

    def handle(self, **options: Any) -> None:
        collection, target = named_collection(options["collection"]), options["target"]
        if target.exists():
            raise CommandError(f"{target} exists already; nothing is overwritten.")
        try:
            bag = export_bag(collection=collection, actor=None, purpose=Purpose(options["purpose"]))
        except PulihError as error:
            raise CommandError(str(error)) from error
        with closing(bag):
            try:
                pour(bag, target)
            except (PulihError, FixityError, OSError) as error:
                record_failed_export(collection=collection, actor=None, bag=bag, reason=str(error))
                raise CommandError(f"{error}\nWhat is in {target} so far is no bag.") from error
        contents = bag.contents
        self.stdout.write(
            f"{contents.photo_count} photos and {contents.derivative_count} approved restorations are in "
            f"{target}."
        )
        for path, reason in contents.left_out:
            self.stderr.write(f"left out: {path}: {reason}")


def named_collection(name: str) -> Collection:
    """The collection of that id or title."""
    present = Collection.objects.present()
    try:
        found = present.filter(pk=UUID(name))
    except ValueError:
        found = present.filter(title=name)
    match list(found[:2]):
        case [collection]:
            return collection
        case []:
            raise CommandError(f"There is no collection “{name}”.")
        case _:
            raise CommandError(f"Several collections are called “{name}”; say which by its id.")


def pour(bag: OutgoingBag, target: Path) -> None:
    """Write the bag to the folder or the ZIP `target`."""
    if target.suffix.lower() != ".zip":
        bag.write_to(target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.writelines(bag.zip_chunks())
