"""What an address asks for: the door to finding for pages, the API and bulk work alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from archive.access.visitors import Visitor
from archive.finding.entries import CatalogueEntryQuerySet
from archive.finding.filters import BELOW, WORDS, Filter, Scope, filters_for
from archive.finding.orders import Order, orders_for
from archive.finding.questions import Question

if TYPE_CHECKING:
    from archive.models import Collection

SORT = "sort"


@dataclass(frozen=True)
class Criteria:
    """Filters, words and an order, as far as they could be understood.

    `form`: bound to the address; its errors say what was not understood. `values`: what the fields made of
    the rest, empty ones left out. `order`: the one asked for, or the default.
    """

    scope: Scope
    form: forms.Form
    filters: list[Filter]
    values: dict[str, Any]
    order: Order

    @property
    def question(self) -> Question | None:
        """The words that were asked for."""
        return self.values.get(WORDS.name)

    @property
    def is_narrowed(self) -> bool:
        """Whether something was asked for besides a place and an order."""
        return bool(self.values.keys() - {BELOW.name})

    @property
    def orders(self) -> list[Order]:
        """What can be sorted by, the default first."""
        return _orders(self.scope, self.values)

    def found(self, *, without: str = "") -> CatalogueEntryQuerySet:
        """The entries that fit, in no order; `without`: as if that filter had not been asked for."""
        entries = self.scope.entries(below=bool(self.values.get(BELOW.name)))
        for each in self.filters:
            if each.name in self.values and each.name != without:
                entries = each.apply(entries, self.values[each.name])
        return entries

    @cached_property
    def parameters(self) -> dict[str, str]:
        """What an address has to say to ask for the same again: names and words as people wrote them."""
        asked = {name: self.form.data[name] for name in self.form.fields if name in self.values}
        return asked | ({} if self.order == self.orders[0] else {SORT: self.order.value})

    def query(self, *without: str, **changed: str) -> str:
        """The parameters as an address takes them before others: `q=solo&state=failed&`, or nothing."""
        kept = {name: value for name, value in self.parameters.items() if name not in without} | changed
        return f"{urlencode(kept)}&" if kept else ""


def criteria_of(
    visitor: Visitor, parameters: QueryDict | Mapping[str, str], collection: Collection | None = None
) -> Criteria:
    """What `parameters` ask for in `collection`, or in all that the visitor may see.

    What cannot be understood narrows nothing and is told by the form's errors.
    """
    scope = Scope(visitor, collection)
    filters = filters_for(scope)
    form = _form(scope, filters, parameters)
    form.full_clean()
    values = {name: value for name, value in form.cleaned_data.items() if value not in (None, "", False)}
    sort = values.pop(SORT, "")
    orders = _orders(scope, values)
    order = next((each for each in orders if each.value == sort), orders[0])
    return Criteria(scope=scope, form=form, filters=filters, values=values, order=order)


def blank_form(scope: Scope) -> forms.Form:
    """The form for describing what can be asked for."""
    return _form(scope, filters_for(scope), {})


def _form(scope: Scope, filters: list[Filter], parameters: Any) -> forms.Form:
    form = forms.Form(parameters, auto_id="find-%s")
    form.use_required_attribute = False
    for each in filters:
        form.fields[each.name] = each.field(scope)
    orders = orders_for(guest=scope.by_guest, with_words=True)
    form.fields[SORT] = forms.ChoiceField(
        required=False, label=_("Order"), choices=[("", _("As usual")), *((o.value, o.label) for o in orders)]
    )
    return form


def _orders(scope: Scope, values: Mapping[str, Any]) -> list[Order]:
    question = values.get(WORDS.name)
    return orders_for(guest=scope.by_guest, with_words=bool(question and question.wanted))
