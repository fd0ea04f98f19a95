"""Bags over HTTP: a ZIP that is made while it is sent."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header

from archive.bags.outgoing import OutgoingBag
from archive.models import Collection
from archive.services import record_failed_export

logger = logging.getLogger(__name__)


def bag_response(bag: OutgoingBag, *, collection: Collection, actor: User) -> StreamingHttpResponse:
    """The bag as a download. When it cannot be finished, that is recorded, and the download breaks off."""
    response = StreamingHttpResponse(_Sending(bag, collection, actor), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{bag.name}.zip") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    # A front server that collected it first would have to keep all of it.
    response["X-Accel-Buffering"] = "no"
    patch_cache_control(response, private=True, no_store=True)
    return response


class _Sending:
    """The chunks of the ZIP; `close` is called by the server in any case, begun or not, finished or not."""

    def __init__(self, bag: OutgoingBag, collection: Collection, actor: User) -> None:
        self._bag = bag
        self._collection = collection
        self._actor = actor
        self._chunks = bag.zip_chunks()
        self._outcome = "interrupted"

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self._outcome = ""
            raise
        except Exception as error:
            self._outcome = str(error)
            logger.exception("bag %s broke off", self._bag.id)
            raise

    def close(self) -> None:
        self._chunks.close()
        self._bag.close()
        if self._outcome:
            record_failed_export(
                collection=self._collection, actor=self._actor, bag=self._bag, reason=self._outcome
            )
            self._outcome = ""
