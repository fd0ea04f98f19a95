"""What commands for ML engineers share: they need no database."""

import argparse

from archive.management.documented import DocumentedCommand


class StandaloneCommand(DocumentedCommand):
    """A command that works without a database."""

    requires_system_checks: list[str] = []


def positive(text: str) -> int:
    """A whole number from 1 up, as an argument's type."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
