"""Work on the queue, with PULIH_WORKERS worker processes, until SIGTERM or SIGINT.

The first process watches over the others: when they hang or are killed, it starts them again.

manage.py qcluster
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from archive.management.documented import DocumentedCommand
from archive.queue.watchdog import ClusterNotStartedError, Watchdog


class Command(DocumentedCommand):
    """Stands in for django-q2's command of this name."""

    help = __doc__

    def handle(self, **options: Any) -> None:
        try:
            Watchdog().run()
        except ClusterNotStartedError as error:
            raise CommandError("The cluster could not be started; the log says why.") from error
