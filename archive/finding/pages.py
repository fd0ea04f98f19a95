"""Pages by the last row seen, not by number: the thousandth costs what the first does, and a photo that
arrives meanwhile neither doubles nor swallows another. An address of a page stays good.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connections
from django.db.models import Q

from archive.finding.backends import backend_of
from archive.finding.counts import COUNTED
from archive.finding.criteria import Criteria
from archive.finding.entries import CatalogueEntryQuerySet
from archive.finding.filters import WORDS
from archive.finding.orders import Order
from archive.finding.questions import Question
from archive.messages import input_error

AFTER, BEFORE = "after", "before"
END = "end"
"""Instead of a row: before the end, which is the last page."""

WEIGHED = COUNTED + 1
"""The newest of so many that answer are weighed for the best match; all of them where there are fewer. So
many that whoever weighs them has counted them, too.
"""

RANKED = 1_000
"""So many of the best can be looked through; whoever needs more sorts otherwise, or asks more exactly."""


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Keys of the photos of one page, in order. `next` and `previous` are for AFTER and BEFORE; None: there
    is no such page. `states`: how what was found is spread over the states, WEIGHED of it at most, where the
    page could not be had without looking at all of it; None elsewhere (see `archive.finding.counts`).
    """

    photos: list[UUID]
    next: str | None
    previous: str | None
    states: Counter[str] | None = None

    @property
    def has_others(self) -> bool:
        return bool(self.next or self.previous)


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    key: Any


def page_of(criteria: Criteria, *, size: int, after: str = "", before: str = "") -> EntryPage:
    """The first page of what was found, or that after or before a row. Three queries at most.

    Raises InputError archive:finding:place for an `after` or `before` that no page ever gave.
    """
    if not criteria.order.key:
        return _page_by_relevance(criteria, size=size, start=_read_number(after or before))
    if before:
        page = _page_before(criteria, size, before)
        # Too few rows before it: then the page is the first one, and that one is full.
        if page is not None:
            return page
        after = ""
    rows = _rows(criteria, size + 1, after)
    return EntryPage(
        photos=_photos(row.id for row in rows[:size]),
        next=_place(criteria.order, rows[size - 1]) if len(rows) > size else None,
        previous=_place(criteria.order, rows[0]) if after and rows else None,
    )


def _page_before(criteria: Criteria, size: int, before: str) -> EntryPage | None:
    at_the_end = before == END
    rows = _rows(criteria, size + 1, "" if at_the_end else before, backwards=True)
    if len(rows) <= size and not at_the_end:
        return None
    shown = rows[:size][::-1]
    return EntryPage(
        photos=_photos(row.id for row in shown),
        next=None if at_the_end else _place(criteria.order, shown[-1]),
        previous=_place(criteria.order, shown[0]) if len(rows) > size else None,
    )


def _rows(criteria: Criteria, number: int, beyond: str, *, backwards: bool = False) -> list[_Row]:
    order = criteria.order
    entries = criteria.found()
    if beyond:
        key, entry = _read(order, beyond)
        word = "lt" if order.descending != backwards else "gt"
        # The first condition says nothing that the second does not; it is the one that an index can use.
        entries = entries.filter(
            Q(**{f"{order.key}__{word}e": key}),
            Q(**{f"{order.key}__{word}": key}) | Q(**{f"id__{word}": entry}),
        )
    if criteria.is_narrowed:
        entries = entries.narrowed()
    # What an index holds and no more: a search over many collections then sorts without reading the rows.
    ordered = entries.order_by(*order.keys(backwards=backwards)).values_list("id", order.key)
    return [_Row(*row) for row in ordered[:number]]


def _page_by_relevance(criteria: Criteria, *, size: int, start: int) -> EntryPage:
    assert criteria.question is not None  # the order is on offer with words only
    entries = criteria.found(without=WORDS.name).order_by()
    ids, states = _best_first(criteria.question, entries, start, min(start + size + 1, RANKED))
    return EntryPage(
        photos=_photos(ids[:size]),
        next=str(start + size) if len(ids) > size else None,
        previous=str(max(0, start - size)) if start else None,
        states=states,
    )


def _best_first(
    question: Question, entries: CatalogueEntryQuerySet, start: int, stop: int
) -> tuple[list[int], Counter[str]]:
    """Of the entries, the ids of those that answer best, from `start` to before `stop`, and how many of those
    that were weighed are in which state. One query: to look through the words is what takes long.
    """
    try:
        fitting = entries.values("id", "state").query.sql_with_params()
    except EmptyResultSet:  # nothing is visible
        return [], Counter()
    answers, parameters = backend_of(entries.db).weighed(question, fitting, WEIGHED)
    # Both databases keep an expression that is read twice. The counts are the rows without merit.
    statement = f"""
        WITH answers AS ({answers})
        SELECT entry, state, merit FROM (
            SELECT entry, '' AS state, merit FROM answers
            ORDER BY merit DESC, entry DESC LIMIT {stop - start} OFFSET {start}
        ) best
        UNION ALL SELECT COUNT(*), state, NULL FROM answers GROUP BY state
        ORDER BY merit DESC, entry DESC"""
    with connections[entries.db].cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    states = Counter({state: number for number, state, merit in rows if merit is None})
    return [entry for entry, _state, merit in rows if merit is not None], states


def _photos(entries: Iterable[int]) -> list[UUID]:
    """Keys of the photos of these entries, in this order."""
    ids = list(entries)
    catalogue = apps.get_model("archive", "CatalogueEntry").objects
    photos = dict(catalogue.filter(pk__in=ids).values_list("pk", "photo"))
    return [photos[each] for each in ids if each in photos]


def place_of(order: Order, entry: int, key: Any) -> str:
    """What an address says for the place of an entry: the key by which it stands there, and its id."""
    text = json.dumps(
        [key.isoformat() if isinstance(key, date) else key, entry], separators=(",", ":"), ensure_ascii=False
    )
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(order: Order, row: _Row) -> str:
    return place_of(order, row.id, row.key)


def _read(order: Order, name: str) -> tuple[Any, int]:
    field: Any = apps.get_model("archive", "CatalogueEntry")._meta.get_field(order.key)
    try:
        key, entry = json.loads(base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)))
        key, entry = field.to_python(key), int(entry)
    except (binascii.Error, ValueError, TypeError, ValidationError) as error:
        raise input_error("archive:finding:place") from error
    if key is None:
        raise input_error("archive:finding:place")
    return key, entry


def _read_number(text: str) -> int:
    if not text:
        return 0
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(RANKED)) else RANKED
    if number >= RANKED:
        raise input_error("archive:finding:place")
    return number
