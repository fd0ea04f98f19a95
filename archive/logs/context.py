"""What is going on right now, for every line of the log that is written meanwhile.

A request has one thread for itself. A worker does one piece of work at a time, with threads of its own that
write lines, too: so that is kept for the whole process.
"""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that this thread answers; empty outside of one."""

_job: dict[str, str] = {}


def begin_job(fields: dict[str, str]) -> None:
    """From now on this process works at one job, which the fields name."""
    _job.clear()
    _job.update(fields)


def end_job() -> None:
    """This process works at nothing in particular."""
    begin_job({})


def present_context() -> dict[str, str]:
    """What a line of the log is to say: `request_id` and the fields of the job, as far as there are any."""
    known = request_id.get()
    return ({"request_id": known} if known else {}) | _job
