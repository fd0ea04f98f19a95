"""Errors that a caller may want to tell apart; each has a stable code and a sentence for a person."""

from typing import Any


class MlcoreError(Exception):
    """Base of everything that mlcore raises on purpose.

    ``code`` is stable and may be matched by programs; ``message`` is for people and may change.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        """An exception pickles its sentence alone, and so could not come back from another process."""
        return type(self), (self.code, self.message), self.__dict__


class ImageError(MlcoreError):
    """A picture file cannot be used."""


class PairingError(MlcoreError):
    """A paired data set has missing, corrupt or mis-sized members. ``problems`` names every one."""

    def __init__(self, code: str, message: str, problems: list[str] | None = None) -> None:
        super().__init__(code, message)
        self.problems = problems or []


class CheckpointError(MlcoreError):
    """A weights or state file is missing, damaged or of another network."""


class TrainingError(MlcoreError):
    """A run cannot start or go on as asked."""


class MasterError(MlcoreError):
    """A master file, or a repair of one, cannot be read or written as asked."""


class HonestyError(MlcoreError):
    """A restoration is no restoration, and must not be kept."""
