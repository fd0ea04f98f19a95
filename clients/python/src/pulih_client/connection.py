"""One connection to one Pulih: the token, tries after failures, and answers that are errors as exceptions."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx

from pulih_client.errors import ApiError, Unreachable, error_of

API = "/api/v1/"
Json = dict[str, Any]

_SAFE = {"GET", "HEAD", "PUT", "DELETE"}
_NOT_DONE = {429, 503}
_PERHAPS_DONE = {502, 504}
_STILL_AT_IT = "archive:idempotency:running"
# Also a 429, but one that waiting does not help against.
_OWN_DOING = "archive:upload:too-many"


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is tried, and how long is waited between (seconds): `first`, then twice as long
    each time up to `longest`. What the server asks for by Retry-After is kept to, up to `longest_asked`.
    """

    tries: int = 6
    first: float = 0.5
    longest: float = 20.0
    longest_asked: float = 120.0

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries, from 1; drawn, so that many do not come back at once."""
        return float(min(self.longest, self.first * 2 ** (tries - 1)) * random.uniform(0.5, 1))


class Connection:
    """Sends requests below /api/v1/. `path` is relative to that, or an address out of an answer.

    `sleep` is called where something is tried again, with the seconds to wait before.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout: float = 60.0,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address.rstrip("/")
        if not self.address.startswith(("http://", "https://")):
            raise Unreachable(f"“{address}” is no address: it begins with https:// or http://.")
        self.patience = patience or Patience()
        self.sleep = sleep
        # No redirects: an address that answers with one is not the one to send a token and files to.
        self._http = httpx.Client(
            headers={"Authorization": f"Token {token}"} if token else {},
            timeout=httpx.Timeout(timeout, connect=10),
        )

    def close(self) -> None:
        """Let go of the sockets."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """GET JSON."""
        return self._json(self.request("GET", path, params=params))

    def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """POST JSON, get JSON. `key` tells tries of one creation from another; drawn where none is given."""
        return self._json(self.request("POST", path, json=body or {}, key=key or str(uuid.uuid4())))

    def post_file(
        self, path: str, field: str, file: BinaryIO, filename: str, data: Json, *, key: str | None = None
    ) -> Json:
        """POST a form with a file in it, get JSON."""
        response = self.request(
            "POST",
            path,
            key=key or str(uuid.uuid4()),
            data=data,
            files={field: (filename, file, "application/octet-stream")},
        )
        return self._json(response)

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Json]:
        """Each entry of a list, page after page; a page is fetched when it is come to."""
        page = self.get(path, params)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self.get(page["next"])

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        repeatable: bool = False,
        **content: Any,
    ) -> httpx.Response:
        """The answer, read to its end. Raises ApiError for what is refused, Unreachable where nobody answers.

        What was certainly not done is tried again; what perhaps was, where trying twice does no harm.
        """
        sent = dict(headers or {}) | ({"Idempotency-Key": key} if key else {})
        # PATCH is not among them: a change under If-Match that did arrive would be refused at the second try.
        repeatable = repeatable or method in _SAFE or key is not None
        tries = 0
        while True:
            tries += 1
            last = tries >= self.patience.tries
            pause = self.patience.pause(tries)
            try:
                return self.once(method, path, headers=sent, **content)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                if last:
                    raise Unreachable(f"{self.address} does not answer: {error}") from error
            except httpx.TransportError as error:
                if last or not repeatable:
                    raise Unreachable(f"{self.address} broke off: {error!r}") from error
            except ApiError as error:
                pause = max(pause, error.retry_after or 0)
                if last or not _worth_trying(error, repeatable) or pause > self.patience.longest_asked:
                    raise
            self.sleep(pause)

    def once(self, method: str, path: str, *, headers: Mapping[str, str], **content: Any) -> httpx.Response:
        """As `request`, without another try: raises httpx.TransportError where the connection breaks."""
        response = self._http.request(method, self.url(path), headers=headers, **content)
        if not response.is_success:
            raise self._refused(response)
        return response

    @contextmanager
    def streamed(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The answer to one GET, not yet read, its bytes as they are on the wire. Tries once; raises
        httpx.TransportError where the connection breaks, and ApiError, but not for 416.
        """
        sent = {"Accept-Encoding": "identity"} | dict(headers)
        with self._http.stream("GET", self.url(path), headers=sent) as response:
            if (
                not response.is_success
                and response.status_code != httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE
            ):
                response.read()
                raise self._refused(response)
            yield response

    def _json(self, response: httpx.Response) -> Json:
        """What an answer holds. Raises Unreachable for one that no Pulih gives."""
        try:
            told: Json = response.json()
        except ValueError as error:
            raise Unreachable(f"What answers at {self.address} is not Pulih.") from error
        return told

    def _refused(self, response: httpx.Response) -> ApiError:
        """The error that an answer tells of. Raises Unreachable for one that no Pulih gives."""
        if response.is_redirect:
            raise Unreachable(
                f"{self.address} sends on to {response.headers.get('location')}; use that address."
            )
        return error_of(response)

    def url(self, path: str) -> str:
        """Where a path leads. Of an address out of an answer, the host is left out: behind a proxy it may be
        another, and the token goes to no other.
        """
        if "://" not in path and not path.startswith("/"):
            return f"{self.address}{API}{path}"
        parts = urlsplit(path)
        base = urlsplit(self.address)
        query = f"?{parts.query}" if parts.query else ""
        return f"{base.scheme}://{base.netloc}{parts.path}{query}"


def _worth_trying(error: ApiError, repeatable: bool) -> bool:
    if error.code == _OWN_DOING:
        return False
    return (
        error.status in _NOT_DONE
        or error.code == _STILL_AT_IT
        or (repeatable and error.status in _PERHAPS_DONE)
    )
