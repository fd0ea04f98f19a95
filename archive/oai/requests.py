"""What a harvester asks for, by OAI-PMH 2.0: a verb, its arguments, and where the last answer ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.core import signing
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

OAI_DC = "oai_dc"
"""The one metadata format that there is."""

TOKEN_HOURS = 24
_SALT = "archive.oai.resumption"
_TOKEN = "resumptionToken"

_NEEDED, _MAY = True, False
_SELECTIVE = {"metadataPrefix": _NEEDED, "from": _MAY, "until": _MAY, "set": _MAY}
_ARGUMENTS: dict[str, dict[str, bool]] = {
    "Identify": {},
    "ListMetadataFormats": {"identifier": _MAY},
    "ListSets": {},
    "ListIdentifiers": _SELECTIVE,
    "ListRecords": _SELECTIVE,
    "GetRecord": {"identifier": _NEEDED, "metadataPrefix": _NEEDED},
}
_LISTS = {"ListSets", "ListIdentifiers", "ListRecords"}
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
_URN = "urn:uuid:"


class OAIError(Exception):
    """What the protocol has a code for. `says_what` is False where the request is not even to be repeated."""

    def __init__(self, code: str, message: str, *, says_what: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.says_what = says_what


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestRequest:
    """A verb with its arguments. Of a list, `after` is the key of the last item that has been sent, and
    `sent` how many have been.

    `begin` is the first moment, `end` the first one after the last that is asked for.
    """

    verb: str
    arguments: Mapping[str, str]
    after: str = ""
    sent: int = 0

    @property
    def begin(self) -> datetime | None:
        """The first moment that is asked for."""
        text = self.arguments.get("from")
        return _moment(text) if text else None

    @property
    def end(self) -> datetime | None:
        """The moment after the last one."""
        text = self.arguments.get("until")
        if not text:
            return None
        return _moment(text) + (timedelta(seconds=1) if "T" in text else timedelta(days=1))

    def token_after(self, key: str, number: int) -> str:
        """The resumption token of what follows `key`, once `number` more items have been sent."""
        state = {"v": self.verb, "a": dict(self.arguments), "k": key, "n": self.sent + number}
        return signing.dumps(state, salt=_SALT)

    @classmethod
    def of(cls, parameters: MultiValueDict[str, str]) -> Self:
        """Read a request's parameters. Raises OAIError badVerb, badArgument, badResumptionToken,
        cannotDisseminateFormat.
        """
        given = {name: parameters.getlist(name) for name in parameters}
        verb, *more = given.pop("verb", [""])
        if verb not in _ARGUMENTS or more:
            raise OAIError("badVerb", _("There is no such verb."), says_what=False)
        if twice := [name for name, values in given.items() if len(values) > 1]:
            raise _bad_argument(", ".join(twice))
        arguments = {name: values[0] for name, values in given.items()}
        if verb in _LISTS and _TOKEN in arguments:
            return cls._resumed(verb, arguments)
        allowed = _ARGUMENTS[verb]
        missing = [name for name, needed in allowed.items() if needed and not arguments.get(name)]
        if wrong := [*(arguments.keys() - allowed.keys()), *missing]:
            raise _bad_argument(", ".join(wrong))
        if arguments.get("metadataPrefix", OAI_DC) != OAI_DC:
            raise OAIError("cannotDisseminateFormat", _("The only format is oai_dc."))
        request = cls(verb=verb, arguments=arguments)
        _check_moments(arguments, request)
        return request

    @classmethod
    def _resumed(cls, verb: str, arguments: dict[str, str]) -> Self:
        if len(arguments) > 1:
            raise _bad_argument(", ".join(arguments.keys() - {_TOKEN}))
        try:
            state: dict[str, Any] = signing.loads(
                arguments[_TOKEN], salt=_SALT, max_age=timedelta(hours=TOKEN_HOURS)
            )
        except signing.BadSignature as error:
            raise _bad_token() from error
        if state["v"] != verb:
            raise _bad_token()
        return cls(verb=verb, arguments=state["a"], after=state["k"], sent=state["n"])


def item_identifier(key: UUID) -> str:
    """The name by which harvesters know a photo, wherever this archive moves."""
    return f"{_URN}{key}"


def key_of(identifier: str) -> UUID | None:
    """The photo's key; None for what is no such name."""
    text = identifier.removeprefix(_URN)
    try:
        return UUID(text) if text != identifier else None
    except ValueError:
        return None


def stamp(moment: datetime) -> str:
    """A moment as the protocol writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")


def _check_moments(arguments: Mapping[str, str], request: HarvestRequest) -> None:
    given = [arguments[name] for name in ("from", "until") if name in arguments]
    if len({len(text) for text in given}) > 1:
        raise _bad_argument("from, until")
    try:
        begin, end = request.begin, request.end
    except (ValueError, OverflowError) as error:
        raise _bad_argument("from, until") from error
    if begin and end and begin >= end:
        raise _bad_argument("from, until")


def _moment(text: str) -> datetime:
    if not _STAMP.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def _bad_argument(names: str) -> OAIError:
    message = _("Missing, unknown, given twice or not understood: %(names)s.") % {"names": names}
    return OAIError("badArgument", message, says_what=False)


def _bad_token() -> OAIError:
    return OAIError("badResumptionToken", _("The token is not one of ours, or it is too old."))
