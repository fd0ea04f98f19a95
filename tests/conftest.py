"""What every test gets: a media folder of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder in which this test's originals, renditions and results lie."""
    root = tmp_path / "media"
    settings.MEDIA_ROOT = root
    return root
