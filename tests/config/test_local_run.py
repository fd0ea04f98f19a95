"""The two ends of `make run`, in real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from archive.stepping_back import step_back
from tests.processes import ROOT, free_port


def start(argument: str, port: int, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.local_run", argument],
        cwd=ROOT,
        env={**os.environ, "PULIH_HOST": "127.0.0.1", "PULIH_PORT": str(port), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_free_port_is_fine() -> None:
    process = start("check", free_port())
    assert process.communicate() == ("", "")
    assert process.returncode == 0


def test_taken_port_is_said_with_a_way_out(server: HTTPServer) -> None:
    port = server.server_address[1]
    process = start("check", port)
    _out, complaint = process.communicate()
    assert process.returncode == 1
    assert complaint == (
        f"Port {port} on 127.0.0.1 cannot be used (Address already in use). Is Pulih running already?\n"
        f"Stop what uses it, or choose another port: make run PULIH_PORT={port + 1}\n"
    )


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_welcome_comes_when_pages_answer_and_stays_until_told(
    server: HTTPServer, tmp_path: Path, signal_number: signal.Signals
) -> None:
    note = tmp_path / "demo.txt"
    note.write_text("Sign in as demo.\n")
    process = start("welcome", server.server_address[1], PULIH_DEMO_NOTE=str(note))
    assert process.stdout is not None
    lines = [process.stdout.readline().rstrip() for _ in range(5)]
    assert lines[1:4] == [
        "Sign in as demo.",
        "",
        f"Pulih is ready: http://127.0.0.1:{server.server_address[1]}/   (Ctrl-C stops it)",
    ]
    assert process.poll() is None
    process.send_signal(signal_number)
    process.communicate(timeout=10)
    assert process.returncode == 0


STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
sys.stdout.write(f"{os.getpid()}\\n")
sys.stdout.flush()
time.sleep(60)
"""


CALL_WORKER = "import sys; from config.local_run import worker; sys.exit(worker(sys.argv[1:]))"


def test_worker_that_does_not_stop_is_stopped_with_its_children() -> None:
    wrapper = subprocess.Popen(
        [sys.executable, "-c", CALL_WORKER, sys.executable, "-c", STUBBORN],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert wrapper.stdout is not None
    pids = [int(wrapper.stdout.readline()) for _ in range(2)]
    began = time.monotonic()
    wrapper.terminate()
    # The pipe ends when the last process that could write to it is gone.
    assert wrapper.stdout.read() == ""
    assert wrapper.wait(timeout=10) == 0
    # honcho would kill the wrapper after 5 seconds, and then nobody would be left to clear up.
    assert time.monotonic() - began < 5
    assert not any(is_alive(pid) for pid in pids)


def test_worker_that_ends_by_itself_says_how() -> None:
    command = [sys.executable, "-c", CALL_WORKER, sys.executable, "-c", "raise SystemExit(4)"]
    assert subprocess.run(command, cwd=ROOT, timeout=30, check=False).returncode == 4


def test_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    child = "import os, pathlib, signal, sys; mark = pathlib.Path(sys.argv[1]); " + (
        "mark.exists() and sys.exit(5); mark.touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", CALL_WORKER, sys.executable, "-c", child, str(tmp_path / "mark")]
    done = subprocess.run(command, cwd=ROOT, timeout=30, check=False, capture_output=True, text=True)
    assert done.returncode == 5
    assert done.stderr == "The task queue was killed (signal 9); it is started again.\n"


def test_pages_come_before_the_worker() -> None:
    # A process that the worker starts later has it, too.
    child = "import os, sys, time; time.sleep(0.5); sys.exit(os.system('exit $(nice)') >> 8)"
    command = [sys.executable, "-c", CALL_WORKER, sys.executable, "-c", child]
    here = os.nice(0)
    environment = {**os.environ, "PULIH_WORKER_NICE": str(min(19, here + 3))}
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=30, check=False)
    assert done.returncode == min(19, here + 3)


def test_its_whole_session_steps_back() -> None:
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        step_back(sleeper.pid, 10)
        assert os.getpriority(os.PRIO_PROCESS, sleeper.pid) == 10
        # Where the kernel shares out by sessions; elsewhere the line above says it all.
        group = Path(f"/proc/{sleeper.pid}/autogroup")
        assert not group.exists() or group.read_text().split()[-1] == "10"
    finally:
        sleeper.kill()
        sleeper.wait()


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


CALL_START = (
    "import pathlib, sys; from config.local_run import start; sys.exit(start(pathlib.Path(sys.argv[1])))"
)


def test_when_one_process_ends_all_are_stopped(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("stays: exec sleep 61\nends: echo so long; exit 3\n")
    done = subprocess.run(
        [sys.executable, "-c", CALL_START, str(procfile)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 3
    assert "ends   | so long" in done.stdout
    assert "sending SIGTERM to stays" in done.stdout
    assert "stays stopped" in done.stdout
