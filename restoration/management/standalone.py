"""What the commands for ML engineers share: they need no database, and their help shows their examples."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class _AsWritten(argparse.RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Django's order of options, and a description that keeps its lines."""


class StandaloneCommand(BaseCommand):
    """A command that works without a database; it says ``help = __doc__`` of its module."""

    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """As Django's, with the help as it was written."""
        return super().create_parser(prog_name, subcommand, formatter_class=_AsWritten, **kwargs)


def positive(text: str) -> int:
    """A whole number from 1 up, as an argument's type."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
