"""Commands whose help shows their examples."""

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
