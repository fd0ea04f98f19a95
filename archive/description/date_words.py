"""Dates in EDTF as people say them, in the language that is active."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.template.defaultfilters import date as formatted
from django.utils.translation import gettext as _
from edtf import EDTFParseException, parse_edtf
from edtf.parser import parser_classes as kinds


def date_in_words(text: str) -> str:
    """`text`, a date in EDTF (levels 0 and 1), in words; as it stands where there are no words for it."""
    try:
        return _words(parse_edtf(text)) if text else ""
    except (EDTFParseException, ValueError):
        return text


def _words(parsed: Any) -> str:
    if isinstance(parsed, kinds.Interval):
        return _span(parsed)
    if isinstance(parsed, kinds.UncertainOrApproximate):
        return _doubtful(parsed)
    if isinstance(parsed, kinds.DateAndTime):
        return _words(parsed.date)
    if isinstance(parsed, kinds.Season):
        season = int(parsed.season) - 21
        words = [_("spring %(year)s"), _("summer %(year)s"), _("autumn %(year)s"), _("winter %(year)s")]
        if not 0 <= season < len(words):
            raise ValueError(parsed)
        return words[season] % {"year": parsed.year}
    if isinstance(parsed, kinds.Date):
        return _day(parsed)
    raise ValueError(parsed)


def _day(parsed: Any) -> str:
    year, month, day = parsed.year, parsed.month, parsed.day
    if re.fullmatch(r"\d{3}X", year):
        return _("the %(year)ss") % {"year": f"{year[:3]}0"}
    if re.fullmatch(r"\d{2}XX", year):
        return _("between %(first)s and %(last)s") % {"first": f"{year[:2]}00", "last": f"{year[:2]}99"}
    if not re.fullmatch(r"\d{4}", year) or year == "0000":
        raise ValueError(parsed)
    if not month or "X" in month:
        return str(int(year))
    if not day or "X" in day:
        return str(formatted(datetime.date(int(year), int(month), 1), "F Y"))
    return str(formatted(datetime.date(int(year), int(month), int(day)), "j F Y"))


def _doubtful(parsed: Any) -> str:
    words = _words(parsed.date)
    both = parsed.is_uncertain_and_approximate
    if parsed.is_approximate or both:
        words = _("about %(date)s") % {"date": words}
    if parsed.is_uncertain or both:
        words = _("%(date)s (uncertain)") % {"date": words}
    return words


def _span(parsed: Any) -> str:
    first, last = parsed.lower, parsed.upper
    unknown = kinds.UnspecifiedIntervalSection
    if isinstance(first, unknown) and isinstance(last, unknown):
        raise ValueError(parsed)
    if isinstance(last, unknown):
        words = _("since %(date)s") if last.is_open else _("from %(date)s, its end is not known")
        return words % {"date": _words(first)}
    if isinstance(first, unknown):
        words = _("until %(date)s") if first.is_open else _("up to %(date)s, its beginning is not known")
        return words % {"date": _words(last)}
    return _("%(first)s to %(last)s") % {"first": _words(first), "last": _words(last)}
