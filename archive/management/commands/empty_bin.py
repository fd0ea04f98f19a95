"""Purge what has lain in the bin for more than PULIH_BIN_DAYS, as the schedule does every night.

manage.py empty_bin
"""

from __future__ import annotations

from typing import Any

from archive.management.documented import DocumentedCommand
from archive.services import empty_bin


class Command(DocumentedCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        self.stdout.write(str(empty_bin()))
