"""Take every picture of a folder, and of the folders in it, into a collection, by the same door as an upload.

Bad files are named and counted and the others taken, so one broken scan does not stop a shelf. Files that the
collection has already are left out, so an interrupted import simply goes on when it is run again; so are
files that neither are nor claim to be pictures, like a list that lies beside the scans.

Examples:

    manage.py import_folder scans/album-3 --collection "Album 3" --user siti
    manage.py import_folder scans/album-3 --collection "Album 3" --user siti --no-restore
"""

import mimetypes
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from archive.errors import InputError
from archive.models import Collection
from archive.services import create_collection, ingest_photo
from restoration.management.standalone import DocumentedCommand
from restoration.services import ingest_and_restore

ALREADY_THERE = "archive:photo:duplicate"
NO_PICTURE = "archive:file:not-an-image"


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder; hidden files in it are left out")
        parser.add_argument(
            "--collection",
            required=True,
            metavar="TITLE",
            help="made, if the user curates none of this title",
        )
        parser.add_argument("--user", required=True, metavar="NAME", help="who uploads; must be a curator")
        parser.add_argument("--no-restore", action="store_true", help="queue no restorations")

    def handle(self, **options: Any) -> None:
        files = find_files(options["path"])
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        collection = find_or_create(options["collection"], user)
        taken, present, others, bad = 0, 0, 0, []
        for number, path in enumerate(files, start=1):
            try:
                take(path, collection, user, restore=not options["no_restore"])
            except InputError as error:
                if error.code == ALREADY_THERE:
                    present += 1
                elif error.code == NO_PICTURE and not claims_to_be_a_picture(path):
                    others += 1
                else:
                    bad.append(f"{path}: {error.message}")
                    self.stderr.write(bad[-1])
            except OSError as error:
                bad.append(f"{path}: {error.strerror}")
                self.stderr.write(bad[-1])
            else:
                taken += 1
                if options["verbosity"] > 1:
                    self.stdout.write(f"{number}/{len(files)} {path}")
        self.stdout.write(
            f"{taken} taken into “{collection.title}”, {present} there already, {len(bad)} refused, "
            f"{others} no pictures."
        )
        if bad:
            raise CommandError(f"{len(bad)} of {len(files)} files could not be taken; they are named above.")


def find_files(folder: Path) -> list[Path]:
    """Every file below `folder` that is not hidden, nor in a hidden folder, by name."""
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder.")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def claims_to_be_a_picture(path: Path) -> bool:
    """True if the name ends like a picture's, of any kind."""
    media_type, _encoding = mimetypes.guess_type(path.name, strict=False)
    return (media_type or "").startswith("image/")


def find_or_create(title: str, user: User) -> Collection:
    """The collection of this title that the user curates, the oldest if there are several, or a new one."""
    found = Collection.objects.curated_by(user).filter(title=title).order_by("created_at").first()
    return found or create_collection(owner=user, title=title)


def take(path: Path, collection: Collection, user: User, *, restore: bool) -> None:
    """Ingest one file; whether it is restored at once is the collection's wish, unless `restore` is False."""
    ingest = ingest_and_restore if restore else ingest_photo
    with path.open("rb") as file:
        ingest(collection=collection, uploaded_by=user, file=file, filename=path.name)
