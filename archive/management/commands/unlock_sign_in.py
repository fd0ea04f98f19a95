"""Let somebody sign in again at once who has tried too often: by name, or everybody at an address.

manage.py unlock_sign_in sri
manage.py unlock_sign_in --address 203.0.113.7
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.access.client_address import known_address
from archive.management.documented import DocumentedCommand
from archive.services import unlock_sign_in


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_mutually_exclusive_group(required=True)
        asked.add_argument("username", nargs="?", default="", help="the name that was tried")
        asked.add_argument("--address", default="", help="the IP address that it was tried from")

    def handle(self, *, username: str, address: str, **options: Any) -> None:
        known = known_address(address)
        if address and not known:
            raise CommandError(f"{address} is no IP address.")
        ended = unlock_sign_in(username=username, address=known)
        self.stdout.write(f"{ended} counts of failed attempts were removed.")
