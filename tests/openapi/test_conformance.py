"""The API does what its schema says, whatever is sent to it: cases made by schemathesis from the schema."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.openapi.generated_cases import violations
from tests.openapi.real_rows import Caller

AT_LEAST = 5000


@pytest.fixture
def caller(db: None, media_root: Path) -> Caller:
    return Caller()


@pytest.mark.parametrize(("by_chance", "most"), [(1, 2), pytest.param(2, 8, marks=pytest.mark.slow)])
def test_some_of_everything(caller: Caller, by_chance: int, most: int) -> None:
    found = violations(caller, by_chance=by_chance, most=most)
    assert not found, "\n\n".join(found)


@pytest.mark.exhaustive
def test_at_length(caller: Caller) -> None:
    """`make api-cases`: everything that schemathesis thinks of."""
    found = violations(caller, by_chance=20, told=lambda line: sys.stderr.write(f"{line}\n"))
    assert not found, "\n\n".join(found)
    assert caller.sent >= AT_LEAST
