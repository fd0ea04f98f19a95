"""`make run` in earnest: it starts, tells how to get in, and when stopped leaves no process behind."""

import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import ROOT, free_port

PATIENCE_SECONDS = 240

# What a newcomer's shell has: nothing of this test run's own settings.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("PULIH_", "DATABASE_", "DJANGO_", "PYTEST_"))
}


class Run:
    """A running `make run` with a folder of its own; everything that it starts can be told by that folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            ["make", "run", f"PULIH_PORT={port}", f"PULIH_VAR_DIR={folder}"],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.output:
            assert time.monotonic() < deadline, self.output
            assert self.process.poll() is None, self.output
            time.sleep(0.1)

    def processes(self) -> set[int]:
        """Every live process whose environment names the folder, whoever its parent is now."""
        mark = f"PULIH_VAR_DIR={self.folder}".encode()
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def stop(self, signal_number: signal.Signals) -> None:
        """Signal the whole group, like a terminal does, and wait for the end."""
        os.killpg(self.process.pid, signal_number)
        self.process.wait(timeout=30)
        self._reader.join(timeout=30)

    def clear_up(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        self._reader.join(timeout=30)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            self.lines.extend(stream)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "var", free_port())
    yield run
    run.clear_up()


def test_make_run_starts_says_so_and_goes_without_a_trace(run: Run) -> None:
    run.wait_for("Pulih is ready")
    assert f"http://127.0.0.1:{run.port}/" in run.output
    assert re.search(r"Sign in as demo", run.output)
    assert re.search(r"Password: \S+", run.output)
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/sign-in/", timeout=10) as page:
        text = page.read().decode()
    # Hashed names, so the static files come as they will in production.
    style = re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', text)
    assert style, text
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}{style[1]}", timeout=10) as file:
        assert "immutable" in file.headers["Cache-Control"]
    assert len(run.processes()) >= 8

    second = subprocess.run(
        ["make", "run", f"PULIH_PORT={run.port}", f"PULIH_VAR_DIR={run.folder}"],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode != 0
    assert f"Port {run.port} on 127.0.0.1 cannot be used" in second.stderr
    assert run.process.poll() is None

    run.stop(signal.SIGINT)
    assert run.processes() == set()
    assert "web stopped (rc=0)" in run.output
    assert "worker stopped (rc=0)" in run.output
    assert "Traceback" not in run.output
