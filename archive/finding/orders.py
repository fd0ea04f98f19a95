"""The orders in which photos can be worked through."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Order:
    """By one column of the catalogue that is never NULL, ties by the entry's id in the same direction.

    `value` stands in addresses. `key` is empty for the order by relevance, which words alone give.
    """

    value: str
    label: str | Promise
    key: str
    descending: bool = False
    for_guests: bool = True

    def keys(self, *, backwards: bool = False) -> list[str]:
        """For `order_by`."""
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{self.key}", f"{sign}id"]


NEWEST = Order("newest", _("Newest first"), "added_at", descending=True)
RELEVANCE = Order("relevance", _("Best match first"), "")

_ORDERS = [
    NEWEST,
    Order("oldest", _("Longest here first"), "added_at"),
    Order("name", _("By name"), "name_key"),
    Order("date", _("Earliest date first"), "first_day"),
    Order("latest", _("Latest date first"), "last_day", descending=True),
]


def register_order(order: Order) -> None:
    """Offer one more order; an index of the catalogue has to begin with the collection and its key."""
    _ORDERS.append(order)


def orders_for(*, guest: bool, with_words: bool) -> list[Order]:
    """The orders on offer, the default first: the best match where words were asked for."""
    offered = [order for order in _ORDERS if order.for_guests or not guest]
    return [RELEVANCE, *offered] if with_words else offered
