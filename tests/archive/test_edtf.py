"""Dates that may be uncertain: which are taken, and the days that they cover."""

from datetime import date

import pytest

from archive.description.edtf_dates import read_edtf
from archive.errors import InputError


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        # Level 0
        ("1985-04-12", date(1985, 4, 12), date(1985, 4, 12)),
        ("1985-04", date(1985, 4, 1), date(1985, 4, 30)),
        ("2004-02", date(2004, 2, 1), date(2004, 2, 29)),
        ("1985", date(1985, 1, 1), date(1985, 12, 31)),
        ("1985-04-12T23:20:30Z", date(1985, 4, 12), date(1985, 4, 12)),
        ("1964/2008", date(1964, 1, 1), date(2008, 12, 31)),
        ("2004-02-01/2005-02", date(2004, 2, 1), date(2005, 2, 28)),
        # Level 1
        ("1984?", date(1984, 1, 1), date(1984, 12, 31)),
        ("2004-06~", date(2004, 6, 1), date(2004, 6, 30)),
        ("2004-06-11%", date(2004, 6, 11), date(2004, 6, 11)),
        ("201X", date(2010, 1, 1), date(2019, 12, 31)),
        ("20XX", date(2000, 1, 1), date(2099, 12, 31)),
        ("2004-XX", date(2004, 1, 1), date(2004, 12, 31)),
        ("1985-04-XX", date(1985, 4, 1), date(1985, 4, 30)),
        ("1985-XX-XX", date(1985, 1, 1), date(1985, 12, 31)),
        ("1984~/2004-06?", date(1984, 1, 1), date(2004, 6, 30)),
        ("1985-04-12/..", date(1985, 4, 12), None),
        ("../1985", None, date(1985, 12, 31)),
        ("1985/", date(1985, 1, 1), None),
        ("/1985", None, date(1985, 12, 31)),
    ],
)
def test_a_date_covers_these_days(text: str, earliest: date | None, latest: date | None) -> None:
    found = read_edtf(text)
    assert (found.text, found.earliest, found.latest) == (text, earliest, latest)


def test_a_season_covers_its_year_since_its_months_depend_on_the_place() -> None:
    assert (read_edtf("2001-24").earliest, read_edtf("2001-24").latest) == (
        date(2001, 1, 1),
        date(2001, 12, 31),
    )


@pytest.mark.parametrize(
    ("text", "edge"), [("-0044", date.min), ("Y-170000002", date.min), ("Y170000002", date.max)]
)
def test_years_beyond_the_calendar_count_as_its_edges(text: str, edge: date) -> None:
    found = read_edtf(text)
    assert found.earliest == found.latest == edge


def test_nothing_says_nothing_and_blanks_around_do_not_matter() -> None:
    assert (read_edtf("").earliest, read_edtf(" \n").text) == (None, "")
    assert read_edtf(" 1985\n").text == "1985"


@pytest.mark.parametrize(
    "text",
    [
        "12 April 1985",
        "circa 1920",
        "19850412",
        "1985-02-30",
        "1985-13",
        "1985-4-1",
        "/",
        "..",
        "unknown",
        "../190Zv",  # the library fails at it
        "\uff11\uff19\uff18\uff15",  # full-width digits
        # Level 2 of the format.
        "156X-12-25",
        "1X5X",
        "{1667,1668}",
        "Y17E7",
        "2001-25",
        "2004-06-~01/2004-06-~20",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        read_edtf(text)
    assert refused.value.code == "archive:date:not-edtf"
    assert text in refused.value.message


@pytest.mark.parametrize("text", ["2005/2004", "2004-06/2004-05-31"])
def test_an_interval_that_ends_before_it_begins_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        read_edtf(text)
    assert refused.value.code == "archive:date:backwards"
