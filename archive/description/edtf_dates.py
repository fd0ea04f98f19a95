"""Dates that may be uncertain, in the Extended Date/Time Format (EDTF, ISO 8601-2), levels 0 and 1.

The `edtf` library reads the format; here stand the levels that we take, and the days that a date covers.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from edtf import EDTFParseException, parse_edtf
from edtf.parser import parser_classes as kinds

from archive.description.single_line import one_line
from archive.messages import input_error

_YEAR = re.compile(r"-?\d{4}|-?\d{3}X|-?\d{2}XX")
# By exact class: what level 2 adds to the format, the library has as classes of its own, some of them derived
# from these.
_LEVELS_0_AND_1 = {
    kinds.Date,
    kinds.DateAndTime,
    kinds.Interval,
    kinds.LongYear,
    kinds.Season,
    kinds.UncertainOrApproximate,
    kinds.Unspecified,
    kinds.Level1Interval,
}


@dataclass(frozen=True, slots=True)
class EdtfDate:
    """`text` as it is kept; `earliest` and `latest` are the first and the last day that it can mean.

    A bound is None where the date is open or unknown on that side. Years that the calendar of databases does
    not have (before 1, after 9999) count as its first or last day. A season covers its whole year: which
    months it means depends on the place.
    """

    text: str
    earliest: datetime.date | None
    latest: datetime.date | None


# The library trips over some texts that begin as dates do ("../190Zv").
_NOT_READ = (EDTFParseException, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


@lru_cache(maxsize=4096)  # reading one takes about 10 ms, and the rows of an import share their dates
def read_edtf(text: str) -> EdtfDate:
    """Read `text`; an empty one is a date that says nothing. Raises InputError archive:date:not-edtf."""
    text = one_line(text)
    if not text:
        return EdtfDate("", None, None)
    try:
        parsed = parse_edtf(text)
    except _NOT_READ as error:
        raise input_error("archive:date:not-edtf", date=text) from error
    if type(parsed) not in _LEVELS_0_AND_1 or not _is_plain(parsed):
        raise input_error("archive:date:not-edtf", date=text)
    if isinstance(parsed, kinds.Interval):
        earliest, latest = _bound(parsed.lower, last=False), _bound(parsed.upper, last=True)
    else:
        earliest, latest = _bound(parsed, last=False), _bound(parsed, last=True)
    if earliest and latest and earliest > latest:
        raise input_error("archive:date:backwards", date=text)
    return EdtfDate(text, earliest, latest)


def _is_plain(parsed: Any) -> bool:
    """False for unspecified digits elsewhere than at a year's end ("1X5X"), which are level 2 as well."""
    return type(parsed) is not kinds.Unspecified or _YEAR.fullmatch(parsed.year) is not None


def _bound(parsed: Any, *, last: bool) -> datetime.date | None:
    """The first or the last day of a date or of one end of an interval."""
    if isinstance(parsed, kinds.UnspecifiedIntervalSection):
        return None  # the library guesses ten years; we would rather not know
    date = parsed.date if isinstance(parsed, kinds.UncertainOrApproximate) else parsed
    found = date.upper_strict() if last else date.lower_strict()
    if found.tm_year < datetime.MINYEAR:
        return datetime.date.min
    if found.tm_year > datetime.MAXYEAR:
        return datetime.date.max
    if isinstance(date, kinds.Season):
        return datetime.date(found.tm_year, 12, 31) if last else datetime.date(found.tm_year, 1, 1)
    return datetime.date(found.tm_year, found.tm_mon, found.tm_mday)
