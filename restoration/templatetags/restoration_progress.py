"""Time that is left, in templates."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django import template
from django.utils.translation import ngettext

register = template.Library()

_MINUTES_TOLD = 90
_HOURS_TOLD = 48


@register.filter
def roughly(left: timedelta) -> str:
    """`{{ left|roughly }}`: minutes, hours or days, whichever says enough; never less than a minute."""
    minutes = max(1, ceil(left.total_seconds() / 60))
    if minutes <= _MINUTES_TOLD:
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    hours = ceil(minutes / 60)
    if hours <= _HOURS_TOLD:
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    days = ceil(hours / 24)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
