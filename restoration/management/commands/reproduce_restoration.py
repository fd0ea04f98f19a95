"""Make a finished restoration again and say whether the same bytes come out.

Uses what its row keeps: original, weights, the curator's hand, strength, engine, tile and threads. Writes to
a temporary folder only. Ends with 1 where anything differs, and says what else is not as it was.
Identical bytes are promised on the same platform with the same code and libraries.

Examples:

    manage.py reproduce_restoration 6f1c2a4e-3b7d-4c1e-9a55-0d8f2f6b9e10
"""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from archive.errors import PulihError
from archive.management.documented import DocumentedCommand
from restoration import messages
from restoration.models import Restoration


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restoration", metavar="ID", type=UUID, help="of a finished restoration")

    def handle(self, **options: Any) -> None:
        # Imported here: it loads torch, which --help can do without.
        from restoration.running.reproduction import reproduce

        try:
            restoration = Restoration.objects.for_gallery().filter(pk=options["restoration"]).first()
            if restoration is None:
                raise messages.state_error("restoration:reproduction:unknown")
            again = reproduce(restoration)
        except PulihError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        for file in again.files:
            if file.identical:
                self.stdout.write(f"{file.what}: identical, SHA-256 {file.made}")
            else:
                self.stdout.write(f"{file.what}: differs, SHA-256 {file.made} instead of {file.kept}")
        for what, (then, now) in again.changed.items():
            self.stdout.write(f"{what}: {then} then, {now} now")
        if not again.identical:
            raise CommandError("The restoration was not reproduced.")
        self.stdout.write("The restoration was reproduced, byte for byte.")
