"""One POST to an address that somebody has named: to the machine that was checked, once, and not for long.

No redirect is followed, no proxy is used, and of the answer no more is read than the log shows.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from archive.errors import InputError
from archive.webhooks.addresses import Target, resolved, target_of

MOST_SECONDS = 10.0
"""For all of it: connecting, sending, and the beginning of the answer."""

LOOK_UP_SECONDS = 5.0
ANSWER_BYTES = 1000
_MOST_PAUSE = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How an attempt went. `status`: None where no HTTP answer came, and `error_code` (archive:webhook:...)
    says why; `beginning`: the answer's first bytes as text; `wait_seconds`: what it asked us to wait.
    """

    duration_ms: int
    status: int | None = None
    error_code: str = ""
    beginning: str = ""
    wait_seconds: int = 0

    @property
    def is_success(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def post(*, url: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Send `body` (JSON in ASCII). Raises nothing: what goes wrong is an answer, too."""
    started = time.monotonic()
    answer: dict[str, Any]
    try:
        target = target_of(url)
        answer = _exchange(target, resolved(target, seconds=LOOK_UP_SECONDS), body, headers)
    except InputError as error:
        answer = {"error_code": error.code}
    return Answer(duration_ms=round((time.monotonic() - started) * 1000), **answer)


class _Connection(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name may mean by now; the name is only said in
    the header and proved by the certificate.
    """

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=MOST_SECONDS)
        self._address = address
        self._context = ssl.create_default_context() if target.scheme == "https" else None
        if self._context is not None:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), MOST_SECONDS)
        if self._context is not None:
            # The handshake comes after `sock` is set, so that it can be cut off, too.
            self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()


class _Alarm:
    """Cuts the connection off when the time is up: a limit on each read would let a drip go on for ever."""

    def __init__(self, connection: _Connection, seconds: float) -> None:
        self.has_rung = False
        self._connection = connection
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Alarm:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.has_rung = True
        sock = self._connection.sock
        if sock is not None:
            try:
                # Past SSLSocket's own, which would say goodbye first.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return  # closed already


def _exchange(target: Target, address: str, body: str, headers: Mapping[str, str]) -> dict[str, Any]:
    connection = _Connection(target, address)
    sent = {
        **headers,
        "content-type": "application/json",
        "user-agent": "Pulih-Webhooks/1",
        "connection": "close",
    }
    with _Alarm(connection, MOST_SECONDS) as alarm:
        try:
            connection.request("POST", target.path, body=body.encode("ascii"), headers=sent)
            response = connection.getresponse()
            status, wait = response.status, _wait_of(response)
            beginning = response.read(ANSWER_BYTES)
        except ssl.SSLError as error:
            return {"error_code": "archive:webhook:timeout" if alarm.has_rung else _tls_code(error)}
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = alarm.has_rung or isinstance(error, TimeoutError)
            no_http = isinstance(error, (http.client.HTTPException, ValueError))
            code = "timeout" if late else "no-http" if no_http else "no-connection"
            return {"error_code": f"archive:webhook:{code}"}
        finally:
            connection.close()
    if alarm.has_rung:
        # What was read before the end is not all that there was.
        return {"error_code": "archive:webhook:timeout"}
    return {"status": status, "wait_seconds": wait, "beginning": _text(beginning)}


def _tls_code(error: ssl.SSLError) -> str:
    wrong = isinstance(error, ssl.SSLCertVerificationError)
    return "archive:webhook:certificate" if wrong else "archive:webhook:no-tls"


def _wait_of(response: http.client.HTTPResponse) -> int:
    """What Retry-After asks for, in seconds, up to a day; 0 where it asks for nothing."""
    said = response.getheader("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(int(said[:9]), _MOST_PAUSE)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, min(int((moment - datetime.now(UTC)).total_seconds()), _MOST_PAUSE))


def _text(data: bytes) -> str:
    """For people to read: what is no UTF-8, and NUL (which PostgreSQL does not keep), by a substitute."""
    return data.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
