"""What the processes of a cluster share: nobody who is killed with it in hand can keep it from the others."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from archive.queue.lines import Flag, Inlet, Life, Line, Outlet, WatchedFlag
from archive.queue.timers import IDLE, OVERDUE, RECYCLED, Timer
from tests.processes import wait_until

fork = multiprocessing.get_context("fork")


@pytest.fixture
def start() -> Iterator[Callable[..., Any]]:
    """Starts a function in a process of its own, which is gone after the test."""
    started = []

    def start(target: Callable[..., object], *arguments: Any) -> Any:
        process = fork.Process(target=target, args=arguments, daemon=True)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


def repeat(outlet: Outlet, giving: Line) -> None:
    for message in iter(outlet.get, "STOP"):
        giving.put((os.getpid(), message))


def test_every_message_is_taken_by_one_process(start: Callable[..., Any]) -> None:
    there, back = Line(), Line()
    for _ in range(3):
        start(repeat, Outlet(there, Life()), back)
    for number in range(60):
        there.put({"number": number})
    answers = [back.take(10)[0][1]["number"] for _ in range(60)]
    assert sorted(answers) == list(range(60))
    assert back.empty()
    assert there.empty()


def test_a_process_that_is_killed_while_it_waits_locks_nobody_out(start: Callable[..., Any]) -> None:
    """What a queue of multiprocessing does not survive: the lock dies with whoever waits at it."""
    there, back = Line(), Line()
    for _ in range(3):
        waiting = start(repeat, Outlet(there, Life()), back)
        there.put("are you there?")
        assert back.take(10) == [(waiting.pid, "are you there?")]
        os.kill(waiting.pid, signal.SIGKILL)
        waiting.join()
    heir = start(repeat, Outlet(there, Life()), back)
    there.put("and you?")
    assert back.take(10) == [(heir.pid, "and you?")]


def test_what_nobody_has_taken_waits_for_the_next(start: Callable[..., Any]) -> None:
    there, back = Line(), Line()
    there.put("patience")
    assert (there.qsize(), there.empty()) == (1, False)
    start(repeat, Outlet(there, Life()), back)
    assert back.take(10)[0][1] == "patience"
    assert there.take(0.01) == []


def test_a_traceback_of_any_length_arrives_by_its_end() -> None:
    line = Line()
    line.put({"id": "1", "success": False, "result": "x" * 400_000 + "the end"})
    (task,) = line.take(1)
    assert task["result"].endswith("the end")
    assert (task["id"], len(task["result"])) == ("1", 50_000)


def test_the_pusher_keeps_one_message_ready_and_no_more(start: Callable[..., Any]) -> None:
    line, flag, life = Line(), Flag(), Life()
    pushing = start(lambda: [Inlet(line, WatchedFlag(flag, life)).put(number) for number in range(3)])
    assert line.take(10) == [0]
    wait_until(lambda: not line.empty(), seconds=10, what="the next message")
    time.sleep(0.2)
    assert line.take(1) == [1]
    assert line.take(10) == [2]
    pushing.join()


def test_a_pusher_that_waits_shows_life_and_hears_the_end(start: Callable[..., Any]) -> None:
    line, flag, life = Line(), Flag(), Life()
    line.put("nobody takes this")
    pushing = start(Inlet(line, WatchedFlag(flag, life)).put, "nor this")
    time.sleep(0.5)
    assert life.silence < 0.4
    flag.set()
    pushing.join(10)
    assert pushing.exitcode == 0


def test_a_timer_counts_by_the_clock_and_not_by_who_looks() -> None:
    timer = Timer()
    assert (timer.value, timer.is_busy) == (IDLE, False)
    timer.value = 0.3
    timer.value += 0.1  # as django-q2's worker does
    assert 0.3 < timer.value <= 0.4
    assert timer.is_busy
    time.sleep(0.45)
    assert (timer.value, timer.is_busy) == (OVERDUE, False)
    for word in (IDLE, RECYCLED, OVERDUE):
        with timer.get_lock():
            timer.value = word
        assert timer.value == word
