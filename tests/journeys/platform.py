"""The whole platform as `make run` starts it: database, demo, gunicorn and worker, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from restoration.management.commands.create_demo import TITLE
from tests.processes import Installation, free_port, wait_for_answer

USERNAME = "demo"
PASSWORD = "a long walk home"


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform, and its demo's curator."""

    address: str
    installation: Installation
    username: str = USERNAME
    password: str = PASSWORD

    @property
    def demo(self) -> str:
        """The page of the demo collection, which other journeys' collections push off the list's first."""
        ((collection,),) = self.installation.rows(
            f"SELECT id FROM archive_collection WHERE title = '{TITLE}'"
        )
        return f"/collections/{UUID(collection)}/"


@contextmanager
def running_platform(var_dir: Path, **environment: str) -> Iterator[Platform]:
    """Start everything with its data in `var_dir`, set as `environment` says; on leaving, all processes have
    ended.
    """
    port = free_port()
    installation = Installation(
        var_dir,
        PULIH_DEBUG="false",
        # Another platform may be collecting beside this one.
        PULIH_STATIC_DIR=str(var_dir / "static"),
        PULIH_PORT=str(port),
        PULIH_WEB_PROCESSES="1",
        PULIH_DEMO_PASSWORD=PASSWORD,
        **environment,
    )
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("collectstatic", "--no-input", "--verbosity", "0")
    installation.manage("create_demo")
    try:
        installation.start("manage.py", "qcluster")
        log = installation.start(
            "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application"
        )
        address = f"http://127.0.0.1:{port}"
        wait_for_answer(f"{address}/sign-in/", log)
        yield Platform(address, installation)
    finally:
        installation.stop()
