"""A web server of the machine's own that receives what webhooks send, and answers as a test wants."""

from __future__ import annotations

import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from archive.models import Webhook, WebhookDelivery
from archive.services import create_webhook
from archive.webhooks.announcing import Occurrence, announce


@dataclass
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """Answers every request with `status`, `headers` and `body`; `drip`: so many seconds between two bytes of
    its status line, for ever.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thank you"
    drip: float = 0.0
    received: list[Received] = field(default_factory=list)
    context: ssl.SSLContext | None = None

    def __enter__(self) -> Receiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received("POST", self.path, headers, body))
                if receiver.drip:
                    self.dribble()
                    return
                self.send_response(receiver.status)
                for name, value in {"Content-Length": str(len(receiver.body)), **receiver.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.body)

            do_GET = do_POST

            def dribble(self) -> None:
                try:
                    while not receiver.closing.wait(receiver.drip):
                        self.wfile.write(b"H")
                        self.wfile.flush()
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.closing = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.context is not None:
            self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?to=us"

    @property
    def host(self) -> str:
        """As PULIH_WEBHOOK_HOSTS names it."""
        return f"127.0.0.1:{self.port}"


def told(collection: Any, kind: str = "photo.added", **data: Any) -> WebhookDelivery:
    """Something happens in `collection`; the newest delivery of it."""
    announce([Occurrence(kind=kind, collection_id=collection.pk, data=data)])
    delivery: WebhookDelivery = WebhookDelivery.objects.order_by("created_at").last()
    return delivery


def webhook_for(receiver: Receiver | str, **values: Any) -> Webhook:
    """A webhook to the receiver (or an address) that is told of photos that are added."""
    url = receiver if isinstance(receiver, str) else receiver.url
    return create_webhook(**{"url": url, "kinds": ["photo.added"], **values})[0]


def wait_for(condition: Any, *, seconds: float = 10) -> None:
    """Fails when it does not come true in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "too late"
        time.sleep(0.02)
