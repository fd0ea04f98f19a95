"""Idempotency-Key: whoever did not get an answer asks again with the same key, and nothing is made twice.

What a request makes and the answer to it are one transaction, and so is the key: of any number that come at
once one does the work while the others wait at the key's unique index, and a process that dies in the middle
leaves neither the thing nor the key. Refusals are not kept: a request that was refused may be sent again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.kept_answers import seal, unseal
from archive.api.callers import signed_in
from archive.api.promises import Handler, Promise, promising
from archive.messages import input_error, key_reused_error
from archive.models import KeptAnswer
from archive.services import (
    AlreadyAnsweredError,
    find_answer,
    keep_answer,
    reserve_answer,
)

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
LONGEST_KEY = 255

_KEPT_HEADERS = ("Location", "ETag", "Upload-Expires", "Upload-Offset")
# Uploads by the tus protocol say in headers what they ask for.
_ASKING_HEADERS = ("Upload-Length", "Upload-Metadata")


@dataclass(frozen=True, slots=True)
class AskedKey:
    """The key that a request came with, and the digest of what the request asks for."""

    user: User
    key: str
    request_digest: str

    def answer(self) -> Response | None:
        """The answer that was kept. Raises KeyReusedError when the key came with another request."""
        sealed = find_answer(user=self.user, key=self.key, request_digest=self.request_digest)
        if sealed is None:
            return None
        opened = unseal(sealed, key=self.key)
        if opened is None:
            # Sealed before the platform's secret key was changed: nobody knows any more what it was.
            raise key_reused_error()
        kept = json.loads(opened)
        return Response(kept["data"], status=kept["status"], headers={**kept["headers"], REPLAYED: "true"})

    def reserve(self) -> KeptAnswer:
        """As `reserve_answer`."""
        return reserve_answer(user=self.user, key=self.key, request_digest=self.request_digest)

    def keep(self, kept: KeptAnswer, response: Response) -> None:
        """Keep the response, in the transaction of what it speaks of."""
        headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
        data = json.loads(JSONRenderer().render(response.data) or b"null")
        text = json.dumps({"status": response.status_code, "headers": headers, "data": data})
        keep_answer(kept=kept, answer=seal(text.encode(), key=self.key))


def asked_key(request: Request) -> AskedKey | None:
    """The key that the request came with; None without. Raises InputError archive:idempotency:bad-key."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise input_error("archive:idempotency:bad-key")
    return AskedKey(signed_in(request), key, _digest_of(request))


def promised_key(handler: Handler) -> Handler:
    """Marks a `post` that keeps to the header by itself, since all of it is too long for one transaction."""
    return promising(Promise.IDEMPOTENCY_KEY, handler)


def once_per_key(handler: Handler) -> Handler:
    """Makes a `post` do once what it is asked for several times with the same Idempotency-Key.

    The whole method runs in one transaction, so it must not wait for anything outside of the database.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = asked_key(request)
        if asked is None:
            return handler(view, request, *args, **kwargs)
        while True:
            if (earlier := asked.answer()) is not None:
                return earlier
            try:
                with transaction.atomic():
                    kept = asked.reserve()
                    response = handler(view, request, *args, **kwargs)
                    if response.status_code < status.HTTP_400_BAD_REQUEST:
                        asked.keep(kept, response)
                    else:
                        transaction.set_rollback(True)
                    return response
            except AlreadyAnsweredError:
                continue

    return promising(Promise.IDEMPOTENCY_KEY, once)


def _digest_of(request: Request) -> str:
    asked: dict[str, Any] = {
        "method": request.method,
        "address": request.get_full_path(),
        "headers": [request.headers.get(name) for name in _ASKING_HEADERS],
        "data": _plain(request.data),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _plain(data: Any) -> Any:
    """The parsed body: another boundary or another order of fields is the same request."""
    if isinstance(data, QueryDict):
        return {name: [_plain(value) for value in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        digest = hashlib.sha256()
        for chunk in data.chunks():
            digest.update(chunk)
        data.seek(0)
        return {"filename": data.name, "sha256": digest.hexdigest()}
    return data
