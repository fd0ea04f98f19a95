"""ETag, If-None-Match and If-Match: nobody fetches what he has, and nobody overwrites what he has not seen.

An ETag has two parts, `"<described>.<shown>"`: the first changes with what people can change here, the second
with anything in the answer. `If-None-Match` is about both; `If-Match` about the first, so that a restoration
that went on, or a photo that came in, is no reason to refuse a description.
"""

from __future__ import annotations

import hashlib
import json
from functools import wraps
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from archive.api.promises import Handler, Promise, promising
from archive.api.sparse import FIELDS
from archive.messages import stale_error


class HasETag(APIView):
    """For views of one thing at an address of its own; comes before the view's other bases.

    `described` names the keys of the answer that `@if_unchanged` methods change, all of them where it is
    empty; `locked_rows` answers the rows that those methods lock before they look.
    """

    queryset: Any
    described: ClassVar[tuple[str, ...]] = ()

    def locked_rows(self, request: Request, **kwargs: Any) -> QuerySet[Any]:
        """Rows that hold what is described: whoever locks them is the only one who changes it."""
        model: type[Model] = self.queryset.model
        return model._default_manager.filter(pk=kwargs["pk"])

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code != status.HTTP_200_OK or not isinstance(answer.data, dict):
            return answer
        if request.query_params.get(FIELDS):
            # Some of it says nothing about the rest.
            return answer
        etag = self.etag_of(answer.data)
        asked = parse_etags(request.headers.get("If-None-Match", ""))
        if (
            request.method in SAFE_METHODS
            and asked
            and (asked == ["*"] or etag in (each.removeprefix("W/") for each in asked))
        ):
            answer.status_code, answer.data = status.HTTP_304_NOT_MODIFIED, None
        answer["ETag"] = etag
        # The same address answers each caller as he may see it.
        answer["Cache-Control"] = "private, no-cache"
        return answer

    def etag_of(self, data: Any) -> str:
        """The ETag of an answer to GET."""
        described = {name: data.get(name) for name in self.described} if self.described else data
        return f'"{_digest(described)}.{_digest(data)}"'


def if_unchanged(handler: Handler) -> Handler:
    """Makes a method of a `HasETag` view keep to `If-Match`, in the transaction in which it writes.

    Raises StaleError (412) when what is described is none of what the header names. Without the
    header the method does as it always did.
    """

    @wraps(handler)
    def kept(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = parse_etags(request.headers.get("If-Match", ""))
        if not asked:
            return handler(view, request, *args, **kwargs)
        with transaction.atomic():
            list(view.locked_rows(request, **kwargs).select_for_update(no_key=True).values_list("pk"))
            # Asked first by its own rules: who may not see it learns nothing by an ETag.
            present = view.etag_of(view.get(request, *args, **kwargs).data)
            if asked != ["*"] and _described(present) not in map(_described, asked):
                raise stale_error()
            return handler(view, request, *args, **kwargs)

    return promising(Promise.IF_MATCH, kept)


def _described(etag: str) -> str:
    """The first part. A weak ETag never matches, as RFC 9110 has it for If-Match."""
    return etag.strip('"').partition(".")[0]


def _digest(data: Any) -> str:
    text = json.dumps(data, cls=JSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
