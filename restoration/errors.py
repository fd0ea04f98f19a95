"""What restoration adds to the archive's errors: trouble that lies with the machine, not with the user."""

from archive.errors import PulihError


class EngineError(PulihError):
    """A restoration could not be made: no model, unreadable weights, or a result that failed its check."""
