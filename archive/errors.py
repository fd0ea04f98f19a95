"""Errors that people can act on. `code` is stable and for programs, `message` is a sentence for people."""

from uuid import UUID

from django.http import Http404


class PulihError(Exception):
    """Something was refused for a reason that the person who asked can understand."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class InputError(PulihError):
    """What was handed in cannot be accepted; another input would be."""


class StateError(PulihError):
    """The request is fine in itself, but not in the present state of the thing that it is about."""


class StaleError(PulihError):
    """The request is about a state that the caller has seen, and that is not the present one."""


class KeyReusedError(PulihError):
    """The request names another one as the one that it repeats."""


class AlreadyThereError(InputError):
    """A file that the collection has already, as the photo `photo_id`."""

    def __init__(self, code: str, message: str, *, photo_id: UUID) -> None:
        super().__init__(code, message)
        self.photo_id = photo_id


class TooManyAttemptsError(PulihError):
    """It was tried too often; in `wait_seconds` it may be tried again."""

    def __init__(self, code: str, message: str, *, wait_seconds: int) -> None:
        super().__init__(code, message)
        self.wait_seconds = wait_seconds


class EndedError(Http404):
    """A link or an invitation that was good once. Its sentence is shown to whoever comes with it."""
