"""What commands for ML engineers share: they need no database."""

from archive.management.documented import DocumentedCommand


class StandaloneCommand(DocumentedCommand):
    """A command that works without a database."""

    requires_system_checks: list[str] = []
