"""Put a backup made by "backup" into an empty installation: an empty database and no stored files.

Nothing is ever overwritten. The backup is verified first, and every file once more when it is in place. The
database must be of the same kind, SQLite or PostgreSQL, as that of the backup.

Examples:

    PULIH_VAR_DIR=/srv/pulih manage.py restore /backups/pulih-2026-11-22
    DATABASE_URL=postgres://pulih@localhost/pulih manage.py restore /backups/pulih-2026-11-22
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.backups.restoring import restore_backup
from archive.errors import PulihError
from archive.files.storage import FixityError
from archive.management.documented import DocumentedCommand


class Command(DocumentedCommand):
    help = __doc__

    # Checks may ask the database, which is not there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="the folder of the backup")

    def handle(self, **options: Any) -> None:
        try:
            report = restore_backup(options["source"])
        except (PulihError, FixityError, OSError) as error:
            raise CommandError(str(error)) from error
        if report.to_migrate:
            self.stdout.write(
                "Restored. The backup is of an older version: run migrate, then check_fixity, before use."
            )
            return
        self.stdout.write(f"Restored: the database and its {report.file_count} files, all of them verified.")
        if report.missing:
            for name in report.missing:
                self.stderr.write(f"not in the backup: {name}")
            raise CommandError(f"{len(report.missing)} files were missing already when the backup was made.")
