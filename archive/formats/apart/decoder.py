"""One decoding process, as its parent sees it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from archive.stepping_back import LEAST, step_back

_PROGRAM = ("-m", "archive.formats.apart.child")
_CODE = Path(__file__).resolve().parents[3]
PATIENCE = 900
"""Seconds by the clock, for a decoder that hangs without computing; one that computes is ended much earlier,
by the limit on its processor time."""
_STEPS_BACK = 5
"""By so much is it nicer than the process that started it."""
_HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
# Every thread pool of a library costs memory, and every arena of malloc's as well.
_THRIFT = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class DecoderStopped(Exception):
    """The decoder died over the file, or was ended at its limit of time. What it was asked is undone."""


class DecoderGone(DecoderStopped):
    """It was no more before it had begun, so that the file has nothing to do with it."""


class DecoderBug(Exception):
    """Our own code failed in the decoder; its traceback is the sentence."""


class Decoder:
    """A process that decodes one file after another. To be used by one thread at a time.

    `program`: what Python is to run in it.
    """

    def __init__(self, *program: str) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            # In a session of its own: what is sent to the parent's group is the parent's to answer.
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", *(program or _PROGRAM)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=_CODE,
                env={name: os.environ[name] for name in _HANDED_ON if name in os.environ} | _THRIFT,
                start_new_session=True,
            )
        # Whoever sends a file waits for seconds, whoever looks at pages meanwhile for parts of one.
        step_back(self._process.pid, min(LEAST, os.nice(0) + _STEPS_BACK))
        self.works = 0
        self._come = b""

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked; it may have been killed while it waited."""
        return self._process.poll() is None

    def ask(self, work: str, values: dict[str, Any]) -> Any:
        """The answer, as JSON can tell it. Raises DecoderStopped, DecoderGone, DecoderBug, OSError."""
        self.works += 1
        self._line.settimeout(PATIENCE)
        try:
            self._line.sendall(json.dumps({"work": work, "values": values}).encode() + b"\n")
            self._answer()
        except (OSError, DecoderStopped) as error:
            raise DecoderGone(f"it did not begin: {error}") from error
        try:
            answer = self._answer()
        except OSError as error:  # a timeout is one
            raise DecoderStopped(f"no answer: {error}") from error
        if "bug" in answer:
            raise DecoderBug(answer["bug"])
        if "stopped" in answer:
            raise DecoderStopped(answer["stopped"])
        if "failed" in answer:
            # By its number it becomes the kind of OSError that it was.
            raise OSError(*answer["failed"])
        return answer["result"]

    def _answer(self) -> dict[str, Any]:
        while b"\n" not in self._come:
            piece = self._line.recv(1 << 16)
            if not piece:
                raise DecoderStopped(self._ending())
            self._come += piece
        line, _, self._come = self._come.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ending(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return "it needed more time than is allowed"
        return f"it ended with {code}"

    def end(self) -> None:
        """Kill it, whatever it does."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Let go of a process that is another one's child, after a fork."""
        self._line.close()
