"""Take in a bag that "export_bag" made for keeping: a folder, or a ZIP.

Collections, photos, approved restorations and history come in as they left, with their ids. The bag is
verified first. The user owns what comes in; people of the other archive are named by accounts that nobody can
sign in to. An import that was interrupted goes on when it is started again.

Examples:

    manage.py import_bag /export/album-3 --user siti
    manage.py import_bag album-3.zip --user siti --into "Estate of Wiryo"
"""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from archive.errors import PulihError
from archive.files.storage import FixityError
from archive.management.commands.export_bag import named_collection
from archive.management.documented import DocumentedCommand
from archive.services import import_bag


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the bag's folder or ZIP")
        parser.add_argument("--user", required=True, metavar="NAME", help="who owns what comes in")
        parser.add_argument("--into", metavar="COLLECTION", help="id or title of a collection to put it into")

    def handle(self, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        parent = named_collection(options["into"]) if options["into"] else None

        def tell(done: int, of: int) -> None:
            if options["verbosity"] > 1 or (options["verbosity"] and done % 100 == 0):
                self.stdout.write(f"{done}/{of} photos")

        try:
            report = import_bag(path=options["path"], imported_by=user, parent=parent, on_photo=tell)
        except (PulihError, FixityError, OSError) as error:
            raise CommandError(str(error)) from error
        titles = ", ".join(f"“{collection.title}”" for collection in report.collections)
        self.stdout.write(
            f"{report.taken} photos and {report.derivatives} restorations taken into {titles}, "
            f"{report.already_here} there already."
        )
        if report.left:
            self.stderr.write(f"{report.left} works were left: what makes such is not installed here.")
