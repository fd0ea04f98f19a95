"""Every table that is given out goes through `neutralised`, as OWASP's page "CSV Injection" asks."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from archive.description.metadata_csv import as_written, neutralised
from tests.processes import ROOT

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
DANGEROUS = [f"{sign}cmd|' /C calc'!A0" for sign in BEGINNINGS]


def test_no_cell_begins_like_a_formula() -> None:
    for text in DANGEROUS:
        for depth in range(3):
            cell = neutralised("'" * depth + text)
            assert cell.startswith("'")
            assert as_written(cell) == "'" * depth + text


@given(st.text() | st.builds("".join, st.lists(st.sampled_from(["'", *BEGINNINGS, "a"]))))
def test_whatever_goes_out_comes_back_as_it_was(text: str) -> None:
    cell = neutralised(text)
    assert not cell.startswith(BEGINNINGS)
    assert as_written(cell) == text


def test_whoever_writes_a_table_neutralises_it() -> None:
    writers = [
        path
        for folder in ("archive", "restoration", "config", "mlcore")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)|\.to_csv\(", path.read_text())
    ]
    assert {path.name for path in writers} == {"metadata_csv.py", "ingest.py"}
    assert all("neutralised(" in path.read_text() for path in writers)
