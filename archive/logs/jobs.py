"""Lines that a worker writes name its task and the rows that it works on, and the request that asked for it.

django-q2 tells when a task is put on the queue and when a worker begins and ends it, so no task has to.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from django.dispatch import receiver
from django_q.signals import post_execute_in_worker, pre_enqueue, pre_execute

from archive.logs.context import begin_job, end_job, request_id

_REQUEST = "request_id"
_ID_LENGTH = 64


@receiver(pre_enqueue, dispatch_uid="archive.logs.remember_request")
def remember_request(task: dict[str, Any], **kwargs: Any) -> None:
    """The message takes the request's id with it."""
    if known := request_id.get():
        task[_REQUEST] = known


@receiver(pre_execute, dispatch_uid="archive.logs.name_job")
def name_job(func: Callable[..., Any] | None, task: dict[str, Any], **kwargs: Any) -> None:
    """From here on, lines are about this task."""
    begin_job(job_fields(func, task))


@receiver(post_execute_in_worker, dispatch_uid="archive.logs.forget_job")
def forget_job(**kwargs: Any) -> None:
    """The task is over."""
    end_job()


def job_fields(func: Callable[..., Any] | None, task: dict[str, Any]) -> dict[str, str]:
    """The task's name, the request's id, and of the task's arguments those whose names say that they are ids
    (`restoration_id`, `run_id`): others may be addresses or names of people.
    """
    fields = {"task": task["func"] if isinstance(task["func"], str) else repr(task["func"])}
    if isinstance(request := task.get(_REQUEST), str):
        fields[_REQUEST] = request
    if func is None:
        return fields
    try:
        given = inspect.signature(func).bind_partial(*task["args"], **task["kwargs"]).arguments
    except (TypeError, ValueError):  # other arguments, or a function that does not tell which it takes
        return fields
    ids = {name: str(value)[:_ID_LENGTH] for name, value in given.items() if name.endswith("_id")}
    return fields | ids
