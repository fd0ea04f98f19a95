"""The environment that everything is set by, and the file `.env` beside manage.py that adds to it."""

import os
from pathlib import Path

import environ

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"


def read_environment() -> None:
    """Add what the file says to the environment, which has the last word; which settings count, too."""
    environ.Env.read_env(ENV_FILE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
