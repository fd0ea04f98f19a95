"""Write the database and every file that it names to a new folder, while the platform goes on working.

The folder is a bag (BagIt), so that "restore", or any tool for BagIt, can verify it. Settings and secret keys
are not in it. SQLite is copied by its online backup, PostgreSQL by pg_dump, which must be on the PATH.

With --base or --incremental, files that an earlier backup on the same disk holds too are linked instead of
copied: each backup is whole, but costs only what is new. A seventh of the linked files is read and compared
each time. Links share their bytes, so that now and then a backup without a base belongs on another disk.

Examples:

    manage.py backup /backups/pulih-2026-11-22
    manage.py backup /backups/pulih-2026-11-23 --incremental
    manage.py backup /backups/pulih-2026-11-23 --base /backups/pulih-2026-11-22
    python -m bagit --validate /backups/pulih-2026-11-22
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.backups.bases import newest_backup
from archive.backups.making import BackupReport, make_backup
from archive.errors import PulihError
from archive.management.documented import DocumentedCommand


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="the folder to make; it must not exist")

        bases = parser.add_mutually_exclusive_group()
        bases.add_argument("--base", type=Path, help="the earlier backup to link to")
        bases.add_argument(
            "--incremental",
            action="store_true",
            help="link to the newest whole backup beside the target, if there is one",
        )

    def handle(self, **options: Any) -> None:
        target: Path = options["target"]
        try:
            base = options["base"]
            if options["incremental"] and target.absolute().parent.is_dir():
                base = newest_backup(target.absolute().parent)
            report = make_backup(target, base=base)
        except (PulihError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{report.file_count} files and the database are in {target}.")
        if base is not None:
            self.stdout.write(f"{report.linked} files, renditions among them, are links to {base}.")
        self._complain(report)

    def _complain(self, report: BackupReport) -> None:
        for name in report.missing:
            where = ", but from the earlier backup in this one" if name in report.saved else ""
            self.stderr.write(f"missing in the archive{where}: {name}")
        for name in report.decayed:
            self.stderr.write(f"changed in the archive: {name}")
        for name in report.decayed_in_base:
            self.stderr.write(f"changed in the earlier backup, and copied anew: {name}")
        if report.missing or report.decayed:
            raise CommandError(
                f"The backup is whole, but the archive is not: {len(report.missing)} files are missing and "
                f"{len(report.decayed)} changed. Look for them in older backups."
            )
        if report.decayed_in_base:
            raise CommandError(
                f"The backup is whole, but {len(report.decayed_in_base)} files of the one before are not "
                "what they were: its disk decays."
            )
