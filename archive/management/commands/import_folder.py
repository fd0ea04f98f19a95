"""Take every picture of a folder, and of the folders in it, into a collection, by the same door as an upload.

Each photo keeps the folder that it lay in. Bad files are named and counted and the others taken, so one
broken scan does not stop a shelf. An import that was interrupted goes on where it was when it is run again;
files that the collection has already are left out, and so are files that neither are nor claim to be
pictures, like a list that lies beside the scans. What became of each file is kept, and shown on the
collection's page of imports.

Examples:

    manage.py import_folder scans/album-3 --collection "Album 3" --user siti
    manage.py import_folder scans/album-3 --collection "Album 3" --user siti --no-restore
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from archive.importing.entries import Entry
from archive.importing.folders import folder_entries
from archive.importing.running import go_through
from archive.management.documented import DocumentedCommand
from archive.models import Collection, ImportItem, ImportRun
from archive.services import begin_import, create_collection, end_import


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder; hidden files in it are left out")
        parser.add_argument(
            "--collection",
            required=True,
            metavar="TITLE",
            help="title or id; made, if the user curates none of this title",
        )
        parser.add_argument("--user", required=True, metavar="NAME", help="who uploads; must be a curator")
        parser.add_argument("--no-restore", action="store_true", help="queue no restorations")

    def handle(self, **options: Any) -> None:
        folder: Path = options["path"]
        try:
            entries = folder_entries(folder)
        except NotADirectoryError as error:
            raise CommandError(f"{folder} is not a folder.") from error
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        collection = find_or_create(options["collection"], user)
        run = begin_or_go_on(
            collection=collection,
            user=user,
            folder=folder,
            entries=entries,
            begins_work=not options["no_restore"],
        )
        self.take(run, entries, folder, verbose=options["verbosity"] > 1)
        self.report(run, collection, len(entries))

    def take(self, run: ImportRun, entries: list[Entry], folder: Path, *, verbose: bool) -> None:
        """Go through the files, with a bar where somebody looks on."""
        earlier = run.items.count()
        # disable=None: no bar where the output is not a terminal.
        with tqdm(total=len(entries), initial=earlier, unit=" files", disable=None) as bar:

            def tell(item: ImportItem) -> None:
                bar.update()
                if item.outcome == ImportItem.Outcome.REFUSED:
                    self.stderr.write(f"{folder / item.path}: {item.message}")
                elif item.outcome == ImportItem.Outcome.TAKEN and verbose:
                    self.stdout.write(str(folder / item.path))

            go_through(run, entries, on_item=tell)
        end_import(run=run)

    def report(self, run: ImportRun, collection: Collection, total: int) -> None:
        """One line of counts; an error where files were refused."""
        outcomes = ImportItem.Outcome
        counts = {
            outcome: run.items.filter(outcome=outcome).count()  # one index look-up each
            for outcome in outcomes
        }
        self.stdout.write(
            f"{counts[outcomes.TAKEN]} taken into “{collection.title}”, "
            f"{counts[outcomes.PRESENT]} there already, {counts[outcomes.REFUSED]} refused, "
            f"{counts[outcomes.PASSED_OVER]} no pictures."
        )
        if counts[outcomes.REFUSED]:
            raise CommandError(
                f"{counts[outcomes.REFUSED]} of {total} files could not be taken; they are named above, and "
                "on the collection's page of imports."
            )


def find_or_create(title: str, user: User) -> Collection:
    """The collection of this id or title that the user curates, the oldest if there are several, or a new one
    of this title.
    """
    curated = Collection.objects.curated_by(user)
    try:
        by_id = curated.filter(pk=UUID(title)).first()
    except ValueError:
        by_id = None
    found = by_id or curated.filter(title=title).order_by("created_at").first()
    return found or create_collection(owner=user, title=title)


def begin_or_go_on(
    *, collection: Collection, user: User, folder: Path, entries: list[Entry], begins_work: bool
) -> ImportRun:
    """The import of this folder that was not brought to its end, or a new one."""
    unfinished = ImportRun.objects.active().filter(
        source=ImportRun.Source.FOLDER, collection=collection, started_by=user, name=str(folder.resolve())
    )
    run = unfinished.first()
    if run is None:
        run = begin_import(
            collection=collection,
            started_by=user,
            source=ImportRun.Source.FOLDER,
            name=str(folder.resolve()),
        )
    run.total, run.begins_work = len(entries), begins_work
    run.save(update_fields=["total", "begins_work"])
    return run
