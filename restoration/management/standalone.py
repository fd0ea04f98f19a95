"""What commands share: their help shows their examples, and those for ML engineers need no database."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class _AsWritten(argparse.RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Django's order of options, and a description that keeps its lines."""


class DocumentedCommand(BaseCommand):
    """A command that says ``help = __doc__`` of its module, and keeps its lines."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """As Django's, with the help as it was written."""
        return super().create_parser(prog_name, subcommand, formatter_class=_AsWritten, **kwargs)


class StandaloneCommand(DocumentedCommand):
    """A command that works without a database."""

    requires_system_checks: list[str] = []


def positive(text: str) -> int:
    """A whole number from 1 up, as an argument's type."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
