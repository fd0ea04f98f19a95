"""What restorations add to finding: states, damage, and the orders of working through a gallery."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from archive.finding.entries import CatalogueEntryQuerySet
from archive.finding.filters import Filter, Scope, register_filter
from archive.finding.keeping import register_triggers
from archive.finding.orders import Order, register_order
from restoration.keeping.catalogue import restoration_triggers
from restoration.keeping.listing import listing_triggers, rebuild_listing
from restoration.presentation.change_reports import LEVELS
from restoration.presentation.photo_orders import DAMAGE, INVENTION
from restoration.presentation.photo_states import STATES_OF_PHOTOS


def register_finding() -> None:
    """Everything about restorations is for members: guests see approved ones and no measures."""
    register_triggers(restoration_triggers)
    register_triggers(lambda vendor: listing_triggers(), rebuild_listing)
    register_filter(Filter("state", _state, _in_state, for_guests=False))
    register_filter(Filter("damage", _damage, _damaged, for_guests=False))
    register_filter(Filter("damage_from", _least_damage, _damaged_at_least, for_guests=False))
    register_order(Order(DAMAGE, _("Most damaged first"), "share_damaged", descending=True, for_guests=False))
    register_order(Order(INVENTION, _("Most invented first"), "invention", descending=True, for_guests=False))


def _state(scope: Scope) -> forms.Field:
    states = [(state.value, state.label) for state in STATES_OF_PHOTOS]
    return forms.ChoiceField(
        required=False, choices=[("", _("Any")), *states], label=_("State of the restoration")
    )


def _in_state(entries: CatalogueEntryQuerySet, state: str) -> CatalogueEntryQuerySet:
    return entries.filter(state=state)


def _damage(scope: Scope) -> forms.Field:
    return forms.ChoiceField(required=False, choices=[("", _("Any")), *LEVELS.items()], label=_("Damage"))


def _damaged(entries: CatalogueEntryQuerySet, level: str) -> CatalogueEntryQuerySet:
    return entries.filter(damage_level=level)


def _least_damage(scope: Scope) -> forms.Field:
    number = forms.NumberInput(attrs={"min": "0", "max": "100", "step": "any", "inputmode": "decimal"})
    return forms.FloatField(
        required=False,
        min_value=0,
        max_value=100,
        widget=number,
        label=_("Damaged part, at least (per cent)"),
    )


def _damaged_at_least(entries: CatalogueEntryQuerySet, per_cent: Any) -> CatalogueEntryQuerySet:
    return entries.filter(share_damaged__gte=per_cent / 100)
