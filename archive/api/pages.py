"""Lists over REST: one form of answer, in pages by the last row seen, so that the thousandth costs what the
first does, and a row that arrives meanwhile neither doubles nor swallows another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from archive.messages import input_error

PAGE_SIZE = 50
LARGEST_PAGE = 200
SIZE, CURSOR, ORDERING = "page_size", "cursor", "ordering"

Orderings = Mapping[str, Sequence[str | OrderBy]]
"""Orders on offer by their names, the default first."""


@dataclass(frozen=True, slots=True)
class _Key:
    """Something that rows are ordered by; where `nulls_last`, it may be null."""

    path: str
    descending: bool
    nulls_last: bool

    def ordered(self, *, backwards: bool) -> OrderBy:
        descending = self.descending != backwards
        nulls = {"nulls_first" if backwards else "nulls_last": True} if self.nulls_last else {}
        return F(self.path).desc(**nulls) if descending else F(self.path).asc(**nulls)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any, *, backwards: bool) -> Q | None:
        """What comes after `value`, or before it; None where nothing can."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else None
        word = "lt" if self.descending != backwards else "gt"
        found = Q(**{f"{self.path}__{word}": value})
        return found | Q(**{f"{self.path}__isnull": True}) if self.nulls_last and not backwards else found

    def value_in(self, row: Any) -> Any:
        for name in self.path.split("__"):
            row = getattr(row, name)
        return str(row) if isinstance(row, UUID) else row.isoformat() if isinstance(row, datetime) else row


class ListPages(BasePagination):
    """Pages of a query set in its own order, or in the one of the view's `orderings` that is asked for; of a
    list, by number.
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
        keys = _keys_of(queryset)
        salt = "archive.api.pages:" + ",".join(f"{key.path}{key.descending}" for key in keys)
        backwards, values = _read(cursor, salt) if cursor else (False, None)
        rows = _rows(queryset, keys, values, size + 1, backwards=backwards)
        if backwards and len(rows) <= size:
            # Too few rows before it: then the page is the first one, and that one is full.
            backwards, values = False, None
            rows = _rows(queryset, keys, None, size + 1, backwards=False)
        page = rows[:size][::-1] if backwards else rows[:size]
        further = len(rows) > size
        has_next, has_previous = (True, further) if backwards else (further, values is not None)
        self._next = self._link(_place(page[-1], keys, salt, backwards=False) if page and has_next else None)
        self._previous = self._link(
            _place(page[0], keys, salt, backwards=True) if page and has_previous else None
        )
        return page

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
        salt = "archive.api.pages:number"
        start = max(0, _read(cursor, salt)[1][0]) if cursor else 0
        page = list(rows[start : start + size])

        def link(number: int | None) -> str | None:
            return self._link(None if number is None else signing.dumps([False, [number]], salt=salt))

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


def _keys_of(queryset: QuerySet[Any]) -> list[_Key]:
    """What the rows are ordered by; the primary key comes last, so that no two are alike."""
    wanted = queryset.query.order_by or queryset.model._meta.ordering
    keys = [_key(each) for each in wanted]
    known = {"pk", queryset.model._meta.pk.name}
    return keys if known & {key.path for key in keys} else [*keys, _Key("pk", False, False)]


def _key(order: Any) -> _Key:
    if isinstance(order, OrderBy):
        expression: Any = order.expression
        return _Key(expression.name, order.descending, bool(order.nulls_last))
    return _Key(order.removeprefix("-"), order.startswith("-"), False)


def _rows(
    queryset: QuerySet[Any],
    keys: Sequence[_Key],
    values: Sequence[Any] | None,
    number: int,
    *,
    backwards: bool,
) -> list[Any]:
    if values is not None:
        queryset = queryset.filter(_beyond(keys, values, backwards=backwards))
        if not keys[0].nulls_last:
            # It says nothing that the condition does not; but it is the one that an index can use.
            word = "lte" if keys[0].descending != backwards else "gte"
            queryset = queryset.filter(**{f"{keys[0].path}__{word}": values[0]})
    return list(queryset.order_by(*(key.ordered(backwards=backwards) for key in keys))[:number])


def _beyond(keys: Sequence[_Key], values: Sequence[Any], *, backwards: bool) -> Q:
    same, cases = Q(), []
    for key, value in zip(keys, values, strict=True):
        beyond = key.beyond(value, backwards=backwards)
        if beyond is not None:
            cases.append(same & beyond)
        same &= key.same(value)
    return reduce(or_, cases)


def _place(row: Any, keys: Sequence[_Key], salt: str, *, backwards: bool) -> str:
    values = [key.value_in(row) for key in keys]
    return signing.dumps([backwards, values], salt=salt, compress=True)


def _read(cursor: str, salt: str) -> tuple[bool, list[Any]]:
    # Signed, so that what comes back fits the list that gave it.
    try:
        backwards, values = signing.loads(cursor, salt=salt)
    except (signing.BadSignature, ValueError) as error:
        raise input_error("archive:finding:place") from error
    return backwards, values
