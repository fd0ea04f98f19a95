"""Commands whose help shows their examples."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from archive.files.stores import StoreUnavailableError


class _AsWritten(argparse.RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Django's order of options, and a description that keeps its lines."""


class DocumentedCommand(BaseCommand):
    """A command that says ``help = __doc__`` of its module, and keeps its lines."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """As Django's. A bucket that does not answer is said in a sentence."""
        try:
            return super().execute(*args, **options)
        except StoreUnavailableError as error:
            raise CommandError(f"The bucket of stored files does not answer: {error}") from error

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """As Django's, with the help as it was written."""
        return super().create_parser(prog_name, subcommand, formatter_class=_AsWritten, **kwargs)
