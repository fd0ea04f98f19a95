"""A gate before a server that plays the tricks that networks and busy servers play, one for each request."""

from __future__ import annotations

import http.client
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_PIECE_BYTES = 64 * 1024
_STALL_SECONDS = 60


@dataclass(frozen=True)
class Busy:
    """429, and nothing is handed on."""

    seconds: int


@dataclass(frozen=True)
class AnswerLost:
    """The request is handed on, and its answer is not."""


@dataclass(frozen=True)
class CutAfter:
    """The answer ends after so many bytes, in the middle of a word."""

    byte_count: int


@dataclass(frozen=True)
class StallAfter:
    """So many bytes of the request are handed on; then nothing moves until the sender is gone."""

    byte_count: int


@dataclass
class Gate:
    """`asked`: method, path and headers of all that came. `stalled` is set while a request hangs."""

    address: str
    tricks: deque[Any] = field(default_factory=deque)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    sender_gone: threading.Event = field(default_factory=threading.Event)

    def count(self, method: str, ending: str) -> int:
        """How many requests of this method came for a path that ends so."""
        return sum(each == method and path.partition("?")[0].endswith(ending) for each, path, _ in self.asked)


@contextmanager
def gate_before(address: str) -> Iterator[Gate]:
    """A gate that hands on to the server at `address`; without tricks, it only looks on."""

    class Handler(_Handler):
        behind = urlsplit(address).netloc

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.gate = Gate(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Handler.gate
    finally:
        Handler.gate.sender_gone.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate
    behind: str

    def answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.gate.asked.append((self.command, self.path, headers))
        trick = self.gate.tricks.popleft() if self.gate.tricks else None
        if isinstance(trick, Busy):
            self._refuse(trick.seconds)
            return
        behind = http.client.HTTPConnection(self.behind, timeout=120)
        try:
            if self._hand_on(behind, headers, trick):
                self._hand_back(behind.getresponse(), trick)
        finally:
            behind.close()

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def log_message(self, *said: object) -> None:
        """Tests look at `asked`."""

    def _refuse(self, seconds: int) -> None:
        # What came with the request would be taken for the next one.
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b'{"code": "throttled", "message": "Too often.", "fields": {}}'
        self.send_response(429)
        self.send_header("Retry-After", str(seconds))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hand_on(self, behind: http.client.HTTPConnection, headers: dict[str, str], trick: Any) -> bool:
        """False where the sender went away before its end."""
        behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            behind.putheader(name, value)
        behind.endheaders()
        left = length = int(headers.get("content-length", 0))
        while left:
            if isinstance(trick, StallAfter) and length - left >= trick.byte_count:
                self.gate.stalled.set()
                self.gate.sender_gone.wait(_STALL_SECONDS)
                self.close_connection = True
                return False
            piece = self.rfile.read1(min(left, _PIECE_BYTES))
            if not piece:
                self.close_connection = True
                return False
            behind.send(piece)
            left -= len(piece)
        return True

    def _hand_back(self, answer: http.client.HTTPResponse, trick: Any) -> None:
        body = answer.read()
        if isinstance(trick, AnswerLost):
            self.close_connection = True
            return
        self.send_response(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in {"date", "server", "connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        length = answer.headers["content-length"] if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if isinstance(trick, CutAfter):
            self.wfile.write(body[: trick.byte_count])
            self.close_connection = True
        else:
            self.wfile.write(body)
