"""Lists over REST: one form of answer, in pages by the last row seen, so that the thousandth costs what the
first does, and a row that arrives meanwhile neither doubles nor swallows another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core import signing
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from archive.messages import input_error
from archive.querysets.pages import page_by_key

PAGE_SIZE = 50
LARGEST_PAGE = 200
SIZE, CURSOR, ORDERING = "page_size", "cursor", "ordering"

_NUMBER = "archive.api.pages:number"

Orderings = Mapping[str, Sequence[str | OrderBy]]
"""Orders on offer by their names, the default first."""


class ListPages(BasePagination):
    """Pages of a query set in its own order, or in the one of the view's `orderings` that is asked for, over
    the collections of the view's `spread_over` where it has any (see `page_by_key`); of a list, by number.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page. Raises InputError archive:finding:place for a cursor that no page ever gave,
        ValidationError for a size or an order that is not on offer.
        """
        self._address = request.build_absolute_uri()
        size, cursor = asked_size(request), request.query_params.get(CURSOR, "")
        if not isinstance(queryset, QuerySet):
            return self._slice(queryset, size, cursor)
        if orderings := orderings_of(view):
            queryset = queryset.order_by(*orderings[_asked_ordering(request, orderings)])
        page = page_by_key(queryset, size=size, place=cursor, collections=getattr(view, "spread_over", None))
        self._next, self._previous = self._link(page.next), self._link(page.previous)
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "previous": self._previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = [
            size_parameter(),
            {"name": CURSOR, "in": "query", "schema": {"type": "string"}, "description": "As `next` has it."},
        ]
        if orderings := orderings_of(view):
            names = {"type": "string", "enum": list(orderings), "default": next(iter(orderings))}
            parameters.append({"name": ORDERING, "in": "query", "schema": names})
        return parameters

    def _slice(self, rows: Sequence[Any], size: int, cursor: str) -> list[Any]:
        start = max(0, _number_in(cursor)) if cursor else 0
        page = list(rows[start : start + size])

        def link(number: int | None) -> str | None:
            return self._link(None if number is None else signing.dumps(number, salt=_NUMBER))

        self._next = link(start + size if len(rows) > start + size else None)
        self._previous = link(max(0, start - size) if start else None)
        return page

    def _link(self, place: str | None) -> str | None:
        return None if place is None else replace_query_param(self._address, CURSOR, place)


def orderings_of(view: Any) -> Orderings:
    """The orders that a view offers; none where it has its own."""
    offered: Orderings = getattr(view, "orderings", {})
    return offered


def asked_size(request: Request) -> int:
    """How many rows the request wants on a page. Raises ValidationError."""
    given = request.query_params.get(SIZE)
    number = forms.IntegerField(required=given is not None, min_value=1, max_value=LARGEST_PAGE)
    try:
        return number.clean(given) or PAGE_SIZE
    except forms.ValidationError as error:
        raise ValidationError({SIZE: error.messages}) from error


def size_parameter() -> dict[str, Any]:
    """The parameter of `asked_size`, for the schema."""
    size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
    return {"name": SIZE, "in": "query", "schema": size}


def _asked_ordering(request: Request, orderings: Orderings) -> str:
    asked = request.query_params.get(ORDERING, next(iter(orderings)))
    if asked not in orderings:
        raise ValidationError({ORDERING: [_("One of: %(names)s.") % {"names": ", ".join(orderings)}]})
    return asked


def _number_in(cursor: str) -> int:
    # Signed, so that what comes back is what a page gave.
    try:
        return int(signing.loads(cursor, salt=_NUMBER))
    except (signing.BadSignature, ValueError) as error:
        raise input_error("archive:finding:place") from error
