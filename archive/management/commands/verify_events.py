"""Walk the chain of events from its beginning and name every row that was changed, removed or put in.

Ends with status 1 when anything is wrong. The last line tells the chain's head: note it elsewhere, and a
later run with --anchor finds out too whether the end of the log was cut off or the whole of it made anew.

  manage.py verify_events
  manage.py verify_events --anchor 1204:5f1c...
"""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.events.verification import ChainHead, chain_head, verify_chain
from archive.management.documented import DocumentedCommand


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", metavar="SEQUENCE:HASH", help="a head as it was noted earlier")

    def handle(self, *, anchor: str | None = None, **options: Any) -> None:
        noted = _head(anchor) if anchor else None
        faults = 0
        for fault in verify_chain(anchor=noted):
            faults += 1
            self.stderr.write(str(fault))
        if faults:
            raise CommandError(f"{faults} fault{'' if faults == 1 else 's'} in the event log")
        head = chain_head()
        self.stdout.write(
            f"{head.sequence if head else 0} events in an unbroken chain. Head: {head or 'none'}"
        )


def _head(text: str) -> ChainHead:
    match = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if match is None:
        raise CommandError("--anchor wants SEQUENCE:HASH as an earlier run printed it")
    return ChainHead(int(match[1]), match[2])
