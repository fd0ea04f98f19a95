"""The whole platform as `make run` starts it: database, demo, gunicorn and worker, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN = 120.0  # seconds; a machine may be busy with training
STOPPED_WITHIN = 40.0  # seconds; above gunicorn's own patience
USERNAME = "demo"
PASSWORD = "a long walk home"


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform, and its demo's curator."""

    address: str
    username: str = USERNAME
    password: str = PASSWORD


@contextmanager
def running_platform(var_dir: Path) -> Iterator[Platform]:
    """Start everything with its data in `var_dir`; on leaving, all processes have ended."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PULIH_DEBUG": "false",
        "PULIH_VAR_DIR": str(var_dir),
        "PULIH_PORT": str(port),
        "PULIH_WEB_PROCESSES": "1",
        "PULIH_DEMO_PASSWORD": PASSWORD,
    }
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
    _manage(environment, "create_demo")
    with _process(environment, var_dir / "worker.log", "manage.py", "qcluster"):
        web = ("-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application")
        with _process(environment, var_dir / "web.log", *web):
            address = f"http://127.0.0.1:{port}"
            _wait_until_it_answers(address, var_dir / "web.log")
            yield Platform(address)


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}"


@contextmanager
def _process(environment: dict[str, str], log: Path, *arguments: str) -> Iterator[None]:
    """Run Python with these arguments in a process group of its own, which is gone on leaving."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_it_answers(address: str, log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while True:
        try:
            with urllib.request.urlopen(f"{address}/sign-in/", timeout=5):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"{address} does not answer:\n{log.read_text()}") from error
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
