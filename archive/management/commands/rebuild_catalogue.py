"""Make the catalogue anew that galleries and search read, for all photos, and put its triggers in order.

Nothing else changes. It is kept by triggers and need not be made anew by hand, except after rows were changed
behind Django's back, by a restore of single tables for instance. Galleries wait while it runs.

manage.py rebuild_catalogue
"""

from __future__ import annotations

from typing import Any

from archive.finding.keeping import create_triggers, rebuild_catalogue
from archive.management.documented import DocumentedCommand


class Command(DocumentedCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        create_triggers()
        self.stdout.write(f"{rebuild_catalogue()} photos stand in the catalogue.")
