"""Pulih's real processes on a folder of their own: what a test needs that no thread can stand in for."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent


class Installation:
    """An installation in `folder`: its settings, its database, and the processes that were started in it.

    The database is SQLite, in that folder, unless `DATABASE_URL` is among the environment that is given.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not _is_setting(name)},
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PULIH_VAR_DIR": str(folder),
            "PULIH_DEBUG": "true",
            "PYTHONUNBUFFERED": "1",
            "PULIH_QUEUE_LOG_LEVEL": "INFO",
            **environment,
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str) -> str:
        """Run a command to its end and return what it wrote. Fails when it does."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,  # migrating takes two minutes on a busy machine
            check=False,
        )
        assert done.returncode == 0, f"{arguments} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *arguments: str) -> Path:
        """Start `python ARGUMENTS` in the background; returns the file that its output goes to."""
        log = self.folder / f"process-{len(self._started)}.log"
        with log.open("wb") as output:
            self._started.append(
                subprocess.Popen(
                    [sys.executable, *arguments],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        return log

    def stop(self) -> None:
        """End everything that was started, and what that started in turn: politely at first."""
        for process in self._started:
            process.send_signal(signal.SIGTERM)
        for process in self._started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            # Each leads a group of its own; a cluster's workers outlive a leader that is only killed itself.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read from the database, beside whoever writes to it."""
        if address := self.environment.get("DATABASE_URL"):
            with psycopg.connect(address, autocommit=True) as server:
                return server.execute(query.encode()).fetchall()
        connection = sqlite3.connect(self.folder / "pulih.sqlite3", timeout=20)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def _is_setting(name: str) -> bool:
    return name.startswith("PULIH_") or name == "DATABASE_URL"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_answer(address: str, log: Path, *, seconds: float = 120) -> None:
    """Wait until the page or resource at `address` answers. Fails with what the server wrote to `log`."""

    def answers() -> bool:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        wait_until(answers, seconds=seconds, what=f"an answer of {address}")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{log.read_text()}") from None


def wait_until(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait until `condition` gives something true, and return that. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def parent(pid: int) -> int:
    """The parent's number; 0 when there is no such process, or only its remains."""
    try:
        state, ppid = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state in "ZX" else int(ppid)


def worker_pids(log: Path) -> list[int]:
    """The worker processes that a cluster has spoken of in its log, oldest first."""
    return [int(pid) for pid in re.findall(r"ready for work at (\d+)", log.read_text())]
