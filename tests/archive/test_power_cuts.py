"""The power may be cut at any step of any way in: no row without its file, nothing lost, nothing doubled."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, Installation


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of an empty archive."""
    installation = Installation(tmp_path_factory.mktemp("empty"))
    installation.manage("migrate", "--verbosity", "0")
    return installation.folder / "pulih.sqlite3"


def cuts(folder: Path, empty: Path, kind: str, step: int) -> tuple[int, int]:
    """Cut at every `step`-th step; at how many points that was, and how many files had no row then."""
    shutil.copy(empty, folder)
    done = subprocess.run(
        [sys.executable, "-m", "tests.archive.power_cuts", kind, str(step)],
        cwd=ROOT,
        env=Installation(folder).environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"cut at (\d+) points up to \d+, (\d+) files had no row", done.stdout)
    assert told is not None
    return int(told[1]), int(told[2])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "step"), [("photo", 11), ("parts", 16), ("zip", 31), ("bag", 122)])
def test_the_power_is_cut_here_and_there(tmp_path: Path, empty: Path, kind: str, step: int) -> None:
    points, _strays = cuts(tmp_path, empty, kind, step)
    assert points >= 8


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", ["photo", "parts", "zip", "bag"])
def test_the_power_is_cut_at_every_step(tmp_path: Path, empty: Path, kind: str) -> None:
    points, strays = cuts(tmp_path, empty, kind, 1)
    assert points > 50
    assert strays > 0  # so the cuts hit what they are meant for
