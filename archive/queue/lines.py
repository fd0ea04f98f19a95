"""How the processes of a cluster hand tasks to each other, so that none can lock the others out by dying.

django-q2 uses multiprocessing's queues. Whoever waits at one holds its lock: an idle worker, or the monitor,
that is killed takes the lock with it, and all that come after it wait for ever. Here the kernel keeps the
order: a socket on which each message is taken whole, by one process, or not at all.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import socket
import sys
import termios
import time
from multiprocessing.sharedctypes import RawValue
from typing import Any

_LONGEST = 150_000
"""Bytes of a message; the kernel takes 200,000 in one piece."""
_LONGEST_RESULT = 50_000
_LOOK_UP_SECONDS = 1.0


class Life:
    """When a process last showed that it does not hang, for its guard to see, and what it has in hand.

    Seconds of a clock that all processes of a machine share.
    """

    def __init__(self) -> None:
        self._seen = RawValue("d", time.monotonic())
        self._message = RawValue("q", 0)

    @property
    def message(self) -> int:
        """Key of the message that the process took last; 0 where there was none."""
        return int(self._message.value)

    def note(self, message: Any) -> None:
        """Called by the process itself, with a task that it has taken."""
        key = message.get("ack_id") if isinstance(message, dict) else None
        self._message.value = key if isinstance(key, int) else 0

    def show(self) -> None:
        """Called by the process itself."""
        self._seen.value = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since."""
        return time.monotonic() - float(self._seen.value)


class Line:
    """Messages on their way between the processes of one machine, in django-q2's words for a queue."""

    def __init__(self) -> None:
        self._out, self._in = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def put(self, message: Any) -> None:
        """Hand it over: a task, or "STOP". Waits only while very many wait already."""
        content = pickle.dumps(message)
        if len(content) > _LONGEST and isinstance(message, dict):
            # A traceback can be of any length, and is for people to read.
            content = pickle.dumps({**message, "result": str(message.get("result"))[-_LONGEST_RESULT:]})
        self._in.send(content)

    def take(self, seconds: float) -> list[Any]:
        """The next message, in a list; an empty one when none came within that time."""
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return []
        try:
            # From another process of this cluster, by a pair of sockets that nobody else has.
            return [pickle.loads(self._out.recv(_LONGEST * 2, socket.MSG_DONTWAIT))]  # nosec B301
        except BlockingIOError:
            return []  # somebody else was quicker

    def qsize(self) -> int:
        """1 while anything waits, else 0: how many bytes wait can be told, and not how many messages."""
        waiting = fcntl.ioctl(self._out, termios.FIONREAD, bytes(4))
        return int(any(waiting))

    def empty(self) -> bool:
        """Whether nothing waits."""
        return self.qsize() == 0

    def close(self) -> None:
        """Nothing to do: what was put is with the kernel."""

    def join_thread(self) -> None:
        """Nothing to wait for."""


class Outlet:
    """The end of a line at which one process takes messages. It shows life while it waits, and ends when its
    guard is gone.
    """

    def __init__(self, line: Line, life: Life) -> None:
        self._line, self._life, self._guard = line, life, os.getpid()

    def get(self) -> Any:
        while True:
            self._life.show()
            if taken := self._line.take(_LOOK_UP_SECONDS):
                self._life.note(taken[0])
                return taken[0]
            if os.getppid() != self._guard:
                sys.exit(1)


class Flag:
    """What multiprocessing calls an event, but nobody can wait for it. Set once, for good."""

    def __init__(self) -> None:
        self._flag = RawValue("b", 0)

    def set(self) -> None:
        self._flag.value = 1

    def is_set(self) -> bool:
        return bool(self._flag.value)


class WatchedFlag:
    """A flag for a process that asks again and again, and shows life when it does."""

    def __init__(self, flag: Flag, life: Life) -> None:
        self._flag, self._life = flag, life

    def is_set(self) -> bool:
        self._life.show()
        return self._flag.is_set()


class Inlet:
    """The end of a line at which the pusher puts messages: the next one only when the last was taken, so that
    few are in the hands of a cluster that dies.

    The pusher ends when it is told to stop meanwhile: its message comes back when another cluster starts.
    """

    def __init__(self, line: Line, told_to_stop: WatchedFlag) -> None:
        self._line, self._told_to_stop = line, told_to_stop

    def put(self, message: Any) -> None:
        pause = 0.005
        while not self._line.empty():
            if self._told_to_stop.is_set():
                sys.exit(0)
            time.sleep(pause)
            pause = min(0.1, pause * 1.1)
        self._line.put(message)
