"""What `make run` does besides Django's commands: look before starting, start and stop everything together.

python -m config.local_run check      is the port free?
python -m config.local_run start      run what the Procfile names until one ends or Ctrl-C is pressed
python -m config.local_run worker     the task queue, so that it can be stopped with everything it started
python -m config.local_run welcome    say where to go once the pages answer
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager

from archive.stepping_back import step_back

_PATIENCE_SECONDS = 90.0
# What honcho reports after SIGINT and SIGTERM.
_STOPPED = {130, 143}
# Less than the 5 seconds after which honcho kills, so that the worker can still clear up behind itself.
_WORKER_STOP_SECONDS = 3.5
# Between a queue that was killed and the next one, so that a machine in trouble has a moment.
_REST_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    host = os.environ.get("PULIH_HOST", "127.0.0.1")
    port = int(os.environ.get("PULIH_PORT", "8000"))
    match arguments:
        case ["check"]:
            return check(host, port)
        case ["start"]:
            return start(Path("Procfile"))
        case ["worker"]:
            return worker([sys.executable, "manage.py", "qcluster"])
        case ["welcome"]:
            return welcome(f"http://{host}:{port}/", sign_in_data())
    sys.stderr.write(f"{__doc__}\n")
    return 2


def check(host: str, port: int) -> int:
    """Return 0 when `port` can be had, otherwise say what to do and return 1."""
    with socket.socket() as probe:
        # Like gunicorn: connections of an earlier run that are still fading away are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.stderr.write(
                f"Port {port} on {host} cannot be used ({error.strerror}). Is Pulih running already?\n"
                f"Stop what uses it, or choose another port: make run PULIH_PORT={port + 1}\n"
            )
            return 1
    return 0


def start(procfile: Path) -> int:
    """Run the processes of `procfile` until one of them ends or this one is told to; then stop them all."""
    manager = Manager()
    for name, command in parse_procfile(procfile.read_text()).processes.items():
        manager.add_process(name, command)
    # honcho knows the other two ways to be told; a closed terminal must not leave its children behind either.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        manager.loop()
    except OSError:
        # The terminal is gone, so nothing can be printed there any more.
        manager.terminate()
    # To be stopped is how this is meant to end.
    return 0 if manager.returncode in _STOPPED else int(manager.returncode or 0)


def worker(command: list[str]) -> int:
    """Run `command`, the task queue, and pass on the wish to stop to its first process alone.

    honcho signals whole process groups, but django-q2 hangs when its guard dies before it was asked to stop.
    So it gets a session of its own. A task that is still running after a moment is killed, like in a power
    cut: its restoration is queued again when its lease has run out.

    A queue whose first process is killed is started again; one that ends by itself has said why.
    """
    queue: subprocess.Popen[bytes] | None = None
    told_to_stop = False
    code = 0

    def stop(*_: object) -> None:
        nonlocal told_to_stop
        told_to_stop = True
        if queue is not None:
            queue.terminate()
            signal.setitimer(signal.ITIMER_REAL, _WORKER_STOP_SECONDS)

    def lose_patience(*_: object) -> None:
        if queue is not None:
            _kill_session(queue.pid)

    # Before the queue starts: a wish to stop must not come upon an ear that is not there yet.
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGALRM, lose_patience)
    while not told_to_stop:
        queue = subprocess.Popen(command, start_new_session=True)
        # What it starts takes this over: pages answer first, a restoration has what they leave.
        step_back(queue.pid, int(os.environ.get("PULIH_WORKER_NICE", "10")))
        if told_to_stop:
            stop()
        code = queue.wait()
        # Whatever the queue's first process did: nothing of its session stays.
        _kill_session(queue.pid)
        if code >= 0:
            break
        if not told_to_stop:
            sys.stderr.write(f"The task queue was killed (signal {-code}); it is started again.\n")
            sys.stderr.flush()
            time.sleep(_REST_SECONDS)
    return 0 if told_to_stop else code


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def sign_in_data() -> str:
    """Return what `create_demo` said, which `make run` keeps in the platform's own folder."""
    return Path(os.environ["PULIH_DEMO_NOTE"]).read_text()


def welcome(address: str, note: str) -> int:
    """Wait until `address` answers, print it with `note`, then stay: when one process ends, all are
    stopped."""
    if not _answers(address):
        sys.stderr.write(f"{address} does not answer.\n")
        return 1
    # Held back until waited for, so that an end asked for in between is not missed.
    end = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, end)
    line = "-" * 64
    sys.stdout.write(f"{line}\n{note.strip()}\n\nPulih is ready: {address}   (Ctrl-C stops it)\n{line}\n")
    sys.stdout.flush()
    signal.sigwait(end)
    return 0


def _answers(address: str) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}sign-in/", timeout=5):  # http, from main  # nosec B310
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
