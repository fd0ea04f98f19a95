"""Pages of a query set by the last row seen, not by number: the thousandth costs what the first does, and a
row that arrives meanwhile neither doubles nor swallows another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import signing
from django.db.models import F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy

from archive.messages import input_error


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Rows of one page, in order. `next` and `previous` are places to go on from; None: no such page."""

    rows: list[Any]
    next: str | None
    previous: str | None


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


def page_by_key(
    queryset: QuerySet[Any],
    *,
    size: int,
    place: str = "",
    from_end: bool = False,
    collections: Any = None,
) -> KeyPage:
    """The first page of `queryset` in its own order, the page at a `place` that another gave, or the last.

    `collections`: keys of those over which the rows are spread, where they are not narrowed to them yet; they
    have to be ordered by something that is never null then. Two queries at most, with `collections` six.
    Raises InputError archive:finding:place for a place that no page of this order ever gave.
    """
    keys = _keys_of(queryset)
    salt = "archive.querysets.pages:" + ",".join(f"{key.path}{key.descending}" for key in keys)
    backwards, values = _read(place, salt) if place else (from_end, None)
    rows = _Rows(queryset, keys, collections)
    found = rows.beyond(values, size + 1, backwards=backwards)
    if backwards and values is not None and len(found) <= size:
        # Too few rows before it: then the page is the first one, and that one is full.
        backwards, values = False, None
        found = rows.beyond(None, size + 1, backwards=False)
    page, further = found[:size], len(found) > size
    if backwards:
        page, has_next, has_previous = page[::-1], values is not None, further
    else:
        has_next, has_previous = further, values is not None
    return KeyPage(
        rows=page,
        next=_place(page[-1], keys, salt, backwards=False) if page and has_next else None,
        previous=_place(page[0], keys, salt, backwards=True) if page and has_previous else None,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    queryset: QuerySet[Any]
    keys: Sequence[_Key]
    collections: Any

    def beyond(self, values: Sequence[Any] | None, number: int, *, backwards: bool) -> list[Any]:
        """So many rows beyond the one with these keys, or from the beginning."""
        found = self.queryset
        if values is not None:
            found = found.filter(_beyond(self.keys, values, backwards=backwards))
            if not self.keys[0].nulls_last:
                # It says nothing that the condition does not; but it is the one that an index can use.
                word = "lte" if self.keys[0].descending != backwards else "gte"
                found = found.filter(**{f"{self.keys[0].path}__{word}": values[0]})
        found = found.order_by(*(key.ordered(backwards=backwards) for key in self.keys))
        if self.collections is None:
            return list(found[:number])
        # Their keys first: a database that mistakes how many there are joins what belongs to all others, too.
        spread = self._spread(found, number, backwards=backwards)
        keys = list(spread.values_list("pk", flat=True)[:number])
        rows = {row.pk: row for row in self.queryset.filter(pk__in=keys).order_by()}
        return [rows[key] for key in keys if key in rows]

    def _spread(self, found: QuerySet[Any], number: int, *, backwards: bool) -> QuerySet[Any]:
        """The same of the collections, without what cannot be among the first so many.

        Where one collection alone has enough rows as far as some key, none beyond that key is wanted of any.
        An index by collection and key then gives a few rows of each, however many there are.
        """
        if isinstance(self.collections, list) and len(self.collections) == 1:
            return found.filter(collection=self.collections[0])
        path, descending = self.keys[0].path, self.keys[0].descending != backwards
        enough = found.filter(collection=OuterRef("pk")).values(path)[number - 1 : number]
        furthest = (Max if descending else Min)(Subquery(enough))
        asked = apps.get_model("archive", "Collection").objects.filter(pk__in=self.collections)
        reached = asked.aggregate(reached=furthest)["reached"]
        found = found.filter(collection__in=self.collections)
        if reached is None:
            return found
        return found.filter(**{f"{path}__{'gte' if descending else 'lte'}": reached})


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


def _read(place: str, salt: str) -> tuple[bool, list[Any]]:
    # Signed, so that what comes back fits the list that gave it.
    try:
        backwards, values = signing.loads(place, salt=salt)
    except (signing.BadSignature, ValueError) as error:
        raise input_error("archive:finding:place") from error
    return backwards, values
