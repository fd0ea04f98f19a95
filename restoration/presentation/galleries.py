"""What a page with a list of photos shows: of one collection, or of everything that was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.forms import ModelChoiceField
from django.utils.functional import Promise

from archive.errors import InputError
from archive.finding.counts import STATE, FoundCount, count_found, count_states
from archive.finding.criteria import SORT, Criteria
from archive.finding.filters import WORDS
from archive.finding.pages import AFTER, BEFORE, END, page_of
from restoration.presentation.cards import cards_of
from restoration.presentation.photo_states import STATES_OF_PHOTOS
from restoration.querysets import photos_for_cards

PHOTOS_PER_PAGE = 48


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that chooses a state. `number` is None where nobody counted."""

    name: str
    label: str | Promise
    address: str
    number: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter that is in force: what it is called, what was asked, and the address without it."""

    label: str | Promise
    text: str
    address: str


def gallery_of(criteria: Criteria, parameters: Any, address: str) -> dict[str, Any]:
    """The context of restoration/_gallery.html. `parameters`: of the request; `address`: of the whole list.

    An address that names no place in the list shows its first page.
    """
    after, before = parameters.get(AFTER, ""), parameters.get(BEFORE, "")
    try:
        page = page_of(criteria, size=PHOTOS_PER_PAGE, after=after, before=before)
    except InputError:
        after = before = ""
        page = page_of(criteria, size=PHOTOS_PER_PAGE)
    query = criteria.query()
    links = {
        "first": f"{address}?{query}".rstrip("?&"),
        "previous": page.previous and f"{address}?{query}{BEFORE}={page.previous}",
        "next": page.next and f"{address}?{query}{AFTER}={page.next}",
        "last": f"{address}?{query}{BEFORE}={END}" if criteria.order.key else "",
    }
    return {
        "cards": cards_of(photos_for_cards(criteria.scope.visitor, page.photos), order=criteria.order.value),
        "page_links": links if page.has_others else None,
        "address": address,
        "here": _here(address, query, after=after, before=before),
        "page_size": PHOTOS_PER_PAGE,
        "is_start": not (query or after or before),
        **gallery_bar(criteria, address, page.states),
        "asked": _asked(criteria, address),
        **_search(criteria),
    }


def gallery_bar(criteria: Criteria, address: str, states: Counter[str] | None = None) -> dict[str, Any]:
    """The context of restoration/_filters.html: how much was found and, for members, in which states, which
    is counted unless the page has done so (`states`).
    """
    order = criteria.order.value
    if criteria.scope.by_guest:
        return {"criteria": criteria, "order": order, "total": count_found(criteria, states), "choices": []}
    counts = count_states(criteria, states)
    chosen = criteria.values.get(STATE)
    everything = counts.total.number if counts.total.is_exact else None
    choices = [
        Choice("all", "", f"{address}?{criteria.query(STATE)}".rstrip("?&"), everything, not chosen),
        *(
            Choice(
                state.value,
                state.label,
                f"{address}?{criteria.query(STATE, state=state.value)}".rstrip("&"),
                counts.by_state.get(state.value, 0) if counts.total.is_exact else None,
                state == chosen,
            )
            for state in STATES_OF_PHOTOS
            if not counts.total.is_exact or state.value in counts.by_state or state == chosen
        ),
    ]
    total = counts.total
    if chosen and total.is_exact:
        total = FoundCount(counts.by_state.get(chosen, 0))
    return {"criteria": criteria, "order": order, "total": total, "choices": choices}


def _here(address: str, query: str, **places: str) -> str:
    """The address of the page that is shown: the whole list's, or with the place that was asked for."""
    place = next((f"{name}={place}" for name, place in places.items() if place), "")
    return f"{address}?{query}{place}".rstrip("?&")


def _search(criteria: Criteria) -> dict[str, Any]:
    """The fields of restoration/_search.html: the box, those behind "Filters", those that only stay."""
    form = criteria.form
    fields = [form[name] for name in form.fields if name not in (WORDS.name, STATE, SORT)]
    hidden = {STATE, *(field.name for field in fields if field.is_hidden)}
    return {
        "words": form[WORDS.name],
        "filters": [field for field in fields if not field.is_hidden],
        "kept": {name: value for name, value in criteria.parameters.items() if name in hidden},
    }


def _asked(criteria: Criteria, address: str) -> list[Asked]:
    names = [name for name in criteria.values if name not in (WORDS.name, STATE)]
    return [
        Asked(
            criteria.form.fields[name].label or name,
            _shown(criteria, name),
            f"{address}?{criteria.query(name)}".rstrip("?&"),
        )
        for name in names
    ]


def _shown(criteria: Criteria, name: str) -> str:
    """What was asked, as people read it: a choice by its label, a tick by nothing more than its name."""
    value, field = criteria.values[name], criteria.form.fields[name]
    if value is True:
        return ""
    if isinstance(field, ModelChoiceField):
        return str(value)
    labels = {str(key): str(label) for key, label in getattr(field, "choices", [])}
    return labels.get(value, criteria.parameters[name])
