"""The name under which this software stands in records."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def software_name() -> str:
    """Name and version, "Pulih 0.1.0": the version is said once, in pyproject.toml."""
    with (Path(settings.BASE_DIR) / "pyproject.toml").open("rb") as file:
        return f"Pulih {tomllib.load(file)['project']['version']}"
