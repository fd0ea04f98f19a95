"""The picture that IIIF's own validator knows, and its fetching by way of Django's test client."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any
from urllib.response import addinfourl

import numpy as np
from django.test import Client
from iiif_validator.validator import ValidationInfo

from tests import pictures


def squares_png() -> bytes:
    """A thousand pixels square: ten by ten squares in the colours that the validator looks for."""
    colours = np.asarray(ValidationInfo().colorInfo, dtype=np.uint8).transpose(1, 0, 2)
    from PIL import Image

    return pictures.png(Image.fromarray(colours.repeat(100, axis=0).repeat(100, axis=1)))


@contextmanager
def urllib_by(client: Client) -> Iterator[None]:
    """Whatever is fetched by urllib meanwhile is asked of the test client; nothing leaves this process."""

    class Handler(urllib.request.BaseHandler):
        def http_open(self, request: urllib.request.Request) -> Any:
            response = client.get(request.selector, headers=dict(request.header_items()))
            headers = Message()
            for name, value in response.items():
                headers[name] = value
            answer = addinfourl(io.BytesIO(response.content), headers, request.full_url, response.status_code)
            answer.msg = response.reason_phrase  # type: ignore[attr-defined]  # what urllib's own have
            return answer

    opener = urllib.request.OpenerDirector()
    for handler in (Handler, urllib.request.HTTPErrorProcessor, urllib.request.HTTPRedirectHandler):
        opener.add_handler(handler())
    opener.add_handler(urllib.request.HTTPDefaultErrorHandler())
    before = urllib.request._opener  # type: ignore[attr-defined]
    urllib.request.install_opener(opener)
    try:
        yield
    finally:
        urllib.request.install_opener(before)
