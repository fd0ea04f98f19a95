"""Two installations of their own, with real processes: what one exports or backs up, the other has."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Installation

pytestmark = pytest.mark.slow

MAKE = """
from django.contrib.auth.models import User
from tests.archive.bag_contents import make_fonds
make_fonds()
"""
FACTS = """
from dataclasses import astuple
from tests.archive.bag_contents import facts
from archive.files.holdings import holdings
from archive.files.storage import sha256_of
from tests.stored import path_of
assert all(sha256_of(path_of(each.file)) == each.sha256 for each in holdings())
print(astuple(facts()))
"""
MAKE_IMPORTER = """
from django.contrib.auth.models import User
User.objects.create_user("importer")
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("home"))
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("shell", "--command", MAKE)
    yield installation
    installation.stop()


def test_bag_between_two_installations(home: Installation, tmp_path: Path) -> None:
    before = home.manage("shell", "--command", FACTS)
    assert "3 photos and 2 approved restorations" in home.manage(
        "export_bag", "Estate: Wiryo/Sastro", str(tmp_path / "bag")
    )
    validated = subprocess.run(
        [sys.executable, "-I", "-m", "bagit", "--validate", str(tmp_path / "bag")], env={}, check=False
    )
    assert validated.returncode == 0
    away = Installation(tmp_path / "away")
    (tmp_path / "away").mkdir()
    away.manage("migrate", "--verbosity", "0")
    away.manage("shell", "--command", MAKE_IMPORTER)
    told = away.manage("import_bag", str(tmp_path / "bag"), "--user", "importer")
    assert "3 photos and 2 restorations taken into “Estate: Wiryo/Sastro”, 0 there already." in told
    assert away.manage("shell", "--command", FACTS) == before
    assert away.manage("verify_events")
    again = away.manage("import_bag", str(tmp_path / "bag"), "--user", "importer")
    assert "0 photos and 0 restorations taken into “Estate: Wiryo/Sastro”, 3 there already." in again


def test_backup_between_two_installations(home: Installation, tmp_path: Path) -> None:
    before = home.manage("shell", "--command", FACTS)
    home.manage("backup", str(tmp_path / "backup"))
    away = Installation(tmp_path / "away")
    (tmp_path / "away").mkdir()
    assert "all of them verified" in away.manage("restore", str(tmp_path / "backup"))
    assert away.manage("shell", "--command", FACTS) == before
    assert away.manage("verify_events")
    away.manage("migrate", "--check")
