"""Read stored files again and compare them with their SHA-256; name what is missing, changed or unknown.

Ends with status 1 when anything is wrong. Without options the whole archive is checked; every run is kept in
the log, told to the operators by mail, and shown on the pages, as those of the schedule are.

  manage.py check_fixity
  manage.py check_fixity --collection 4c8fb2a0-...
  manage.py check_fixity --photo 91d0e6b7-...
  manage.py check_fixity --slice
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from archive.errors import StateError
from archive.management.documented import DocumentedCommand
from archive.models import Collection, FixityFinding, FixityRun, Photo
from archive.queue.keeping_tasks import report_fixity_run
from archive.services import (
    claim_fixity_run,
    continue_fixity_run,
    start_fixity_run,
    start_fixity_slice,
)

_TURN_SECONDS = 10


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--collection", metavar="ID", help="only its files, with all below it")
        what.add_argument("--photo", metavar="ID", help="only its files")
        what.add_argument("--slice", action="store_true", help="only the night's part, as the schedule does")

    def handle(self, **options: Any) -> None:
        run = _started(**options)
        if not claim_fixity_run(run=run):
            raise CommandError("another process is at this run already")
        while not continue_fixity_run(run=run, seconds=_TURN_SECONDS):
            self.stderr.write(f"{run.percent} %, {run.file_count} files, {run.fault_count} faults")
            claim_fixity_run(run=run)
        report_fixity_run(run)
        for finding in FixityFinding.objects.filter(mended_at__isnull=True, seen_at__gte=run.started_at):
            self.stdout.write(f"{finding.kind}: {finding.path}")
        summary = f"{run.file_count} files, {run.byte_count} bytes read, {run.fault_count} faults"
        if run.fault_count:
            raise CommandError(summary)
        self.stdout.write(summary)


def _started(
    *, collection: str | None = None, photo: str | None = None, slice: bool = False, **_others: Any
) -> FixityRun:
    """The run that the options ask for; one over the same that was interrupted is gone on with."""
    if slice:
        return start_fixity_slice()
    try:
        of_collection = Collection.objects.get(pk=collection) if collection else None
        of_photo = Photo.objects.select_related("collection").get(pk=photo) if photo else None
    except (ValidationError, Collection.DoesNotExist, Photo.DoesNotExist) as error:
        raise CommandError(f"there is none with this id: {collection or photo}") from error
    try:
        return start_fixity_run(collection=of_collection, photo=of_photo)
    except StateError:
        same = FixityRun.objects.filter(finished_at__isnull=True, photo=of_photo)
        if of_photo is None:
            same = same.filter(collection=of_collection, scope=_scope(of_collection))
        return same.get()


def _scope(collection: Collection | None) -> str:
    return FixityRun.Scope.COLLECTION if collection else FixityRun.Scope.EVERYTHING
