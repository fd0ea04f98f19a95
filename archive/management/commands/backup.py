"""Write the database and every file that it names to a new folder, while the platform goes on working.

The folder is a bag (BagIt), so that "restore", or any tool for BagIt, can verify it. Settings and secret keys
are not in it. SQLite is copied by its online backup, PostgreSQL by pg_dump, which must be on the PATH.

Examples:

    manage.py backup /backups/pulih-2026-11-22
    python -m bagit --validate /backups/pulih-2026-11-22
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.backups.making import make_backup
from archive.errors import PulihError
from archive.management.documented import DocumentedCommand


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="the folder to make; it must not exist")

    def handle(self, **options: Any) -> None:
        try:
            report = make_backup(options["target"])
        except (PulihError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{report.file_count} files and the database are in {options['target']}.")
        for name in report.missing:
            self.stderr.write(f"missing in the archive: {name}")
        for name in report.decayed:
            self.stderr.write(f"changed in the archive: {name}")
        if report.missing or report.decayed:
            raise CommandError(
                f"The backup is whole, but the archive is not: {len(report.missing)} files are missing and "
                f"{len(report.decayed)} changed. Look for them in older backups."
            )
