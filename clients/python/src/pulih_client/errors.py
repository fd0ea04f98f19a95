"""What can go wrong. `code` of an ApiError is Pulih's own and never changes; the sentence is for people."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pulih_client.records import Restoration


class PulihError(Exception):
    """Everything that this package raises on purpose."""


class Unreachable(PulihError):
    """Nobody answers at the address, even after several tries; or what answers is not Pulih."""


class Damaged(PulihError):
    """A file arrived with other bytes than its SHA-256 says. Nothing of it is left on disk."""


class StillWaiting(PulihError):
    """The time that one was willing to wait is over; the work itself goes on."""


class RestorationFailed(PulihError):
    """A restoration came to its end without a result: `restoration` is how it stands, `code` why."""

    def __init__(self, restoration: Restoration) -> None:
        self.restoration = restoration
        self.code = restoration.error_code or f"client:restoration:{restoration.status}"
        super().__init__(f"{restoration.error_message or f'The restoration was {restoration.status}.'}")


class ApiError(PulihError):
    """Pulih refused. `status` is HTTP's, `fields` maps refused fields to their sentences; `retry_after` is
    how many seconds later it may be tried again, where the server says so.
    """

    retry_after: float | None = None

    def __init__(self, status: int, code: str, message: str, fields: dict[str, list[str]]) -> None:
        super().__init__(status, code, message, fields)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def __str__(self) -> str:
        said = [
            f"{name}: {' '.join(sentences)}".removeprefix(": ") for name, sentences in self.fields.items()
        ]
        return " ".join([self.message, *said, f"({self.code})"])


class NotSignedIn(ApiError):
    """401: the token is unknown, revoked or past its end."""


class NotAllowed(ApiError):
    """403: neither role nor token are good for that."""


class NotFound(ApiError):
    """404: there is none, or none that one may see."""


class Conflict(ApiError):
    """409: fine in itself, but not in the present state of things."""


class Changed(ApiError):
    """412: somebody else has changed it since it was read. Read it again, then decide."""


class AlreadyThere(ApiError):
    """The collection holds the same file already, or has it in its bin."""


class TooManyRequests(ApiError):
    """429: asked too often, and waiting as long as `Patience` allows did not help."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: Changed,
    429: TooManyRequests,
}
_BY_CODE: dict[str, type[ApiError]] = {
    "archive:photo:duplicate": AlreadyThere,
    "archive:photo:in-bin": AlreadyThere,
}


def refusal(status: int, code: str, message: str, fields: dict[str, list[str]] | None = None) -> ApiError:
    """The error of the right kind."""
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, ApiError)
    return kind(status, code, message, fields or {})


def error_of(response: httpx.Response) -> ApiError:
    """The error that an answer (read to its end) tells of; a proxy's may have any form."""
    status = response.status_code
    try:
        told: dict[str, Any] = response.json()
        error = refusal(status, told["code"], told["message"], told.get("fields"))
    except (ValueError, KeyError, TypeError):
        error = refusal(status, f"http:{status}", f"The server answered {status} {response.reason_phrase}.")
    error.retry_after = retry_after(response)
    return error


def retry_after(response: httpx.Response) -> float | None:
    """In how many seconds one should ask again, where the answer says so: by their number, or by a moment."""
    asked = response.headers.get("retry-after", "")
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
