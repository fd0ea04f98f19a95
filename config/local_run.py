"""The two ends of `make run`: look before starting, and say where to go once the pages answer.

Plain Python without Django, so that both are over in a moment:

    python -m config.local_run check
    python -m config.local_run welcome
"""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

_PATIENCE_SECONDS = 90.0


def main(arguments: list[str]) -> int:
    host = os.environ.get("PULIH_HOST", "127.0.0.1")
    port = int(os.environ.get("PULIH_PORT", "8000"))
    match arguments:
        case ["check"]:
            return check(host, port)
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
            with urllib.request.urlopen(f"{address}sign-in/", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
