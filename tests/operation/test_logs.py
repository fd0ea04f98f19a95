"""The log: who asked for what, as lines or as JSON, and no key, address or content of anybody."""

from __future__ import annotations

import io
import json
import logging
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.tasks import async_task

from archive.logs.context import end_job, present_context, request_id
from archive.logs.jobs import job_fields
from archive.logs.records import InContext, JsonLines
from archive.queue.mail_tasks import mail_email_changed
from config.logs import gunicorn_log_settings, log_settings
from restoration.tasks import run_restoration
from tests.factories import PASSWORD, make_photo, make_user

ID = "ab12-34cd.ef:56"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the whole process logs meanwhile, as JSON lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(InContext())
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(), logging.getLogger("django"), logging.getLogger("pulih.requests")]
    levels = [each.level for each in loggers]
    loggers[2].setLevel(logging.INFO)
    for each in loggers[:2]:
        each.addHandler(handler)
    yield stream
    for each, level in zip(loggers, levels, strict=True):
        each.removeHandler(handler)
        each.setLevel(level)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_answer_names_the_request_and_keeps_a_sane_name(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": ID}).headers["X-Request-ID"] == ID
    first, second = (client.get("/health/live").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    assert uuid.UUID(first)


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\x1b[31m", '"}', "é", "-begins-with-a-line"])
def test_what_is_no_name_is_replaced(client: Client, given: str) -> None:
    found = client.get("/health/live", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert uuid.UUID(found)


@pytest.mark.django_db
def test_a_request_is_one_line_with_who_and_what(client: Client, written: io.StringIO) -> None:
    photo = make_photo()
    client.force_login(make_user("sri", email="sri@example.org"))
    client.get(f"/photos/{photo.pk}/original/?q=geheim", headers={"X-Request-ID": ID})
    (line,) = [each for each in lines(written) if each["logger"] == "pulih.requests"]
    assert line["time"].endswith("+00:00")
    assert line["message"].startswith("GET /photos/<uuid:photo_id>/original/ 404 ")
    assert {name: line[name] for name in ("level", "method", "route", "status", "user", "request_id")} == {
        "level": "INFO",
        "method": "GET",
        "route": "/photos/<uuid:photo_id>/original/",
        "status": 404,
        "user": "sri",
        "request_id": ID,
    }
    assert "geheim" not in written.getvalue()
    assert "sri@example.org" not in written.getvalue()


@pytest.mark.django_db
def test_a_program_is_named_by_whom_its_token_belongs_to(client: Client, written: io.StringIO) -> None:
    make_user("sri")
    key = client.post("/api/v1/token/", {"username": "sri", "password": PASSWORD}).json()["token"]
    client.get("/api/v1/collections/", headers={"Authorization": f"Token {key}"})
    asked = [each for each in lines(written) if each["logger"] == "pulih.requests"]
    assert [(each["route"], each["user"]) for each in asked] == [
        ("/api/v1/token/", ""),
        ("/api/v1/collections/", "sri"),
    ]
    assert key not in written.getvalue()
    assert PASSWORD not in written.getvalue()


@pytest.mark.django_db
def test_keys_in_addresses_stay_out_of_what_django_says(client: Client, written: io.StringIO) -> None:
    key = "a-key-that-opens-a-door"
    answer = client.get(reverse("archive:share_link", args=[key]), headers={"X-Request-ID": ID})
    assert answer.status_code == 404
    refused = [each for each in lines(written) if each["logger"] == "django.request"]
    assert len(refused) == 1
    assert refused[0]["request_id"] == ID
    assert refused[0]["status_code"] == 404
    assert key not in written.getvalue()


def test_probes_leave_no_lines(client: Client, written: io.StringIO) -> None:
    client.get("/health/live")
    assert lines(written) == []


@pytest.mark.django_db
def test_the_id_of_a_request_goes_with_its_work_into_the_workers_log(
    client: Client, written: io.StringIO
) -> None:
    token = request_id.set(ID)
    try:
        async_task("restoration.tasks.run_restoration", "a-row", broker=get_broker())
    finally:
        request_id.reset(token)
    task = OrmQ.objects.get().task
    try:
        pre_execute.send(sender="django_q", func=run_restoration, task=task)
        logging.getLogger("anything").warning("went wrong")
    finally:
        post_execute_in_worker.send(sender="django_q", func=run_restoration, task=task)
    logging.getLogger("anything").warning("idle")
    working, idle = lines(written)
    assert working["message"] == "went wrong"
    assert working["task"] == "restoration.tasks.run_restoration"
    assert working["restoration_id"] == "a-row"
    assert working["request_id"] == ID
    assert not {"task", "restoration_id", "request_id"} & idle.keys()


def test_of_a_tasks_arguments_only_ids_are_said() -> None:
    task = {
        "func": "archive.queue.mail_tasks.mail_email_changed",
        "args": (7, "sri@example.org", "id"),
        "kwargs": {},
    }
    assert job_fields(mail_email_changed, task) == {"task": task["func"], "user_id": "7"}
    assert job_fields(None, task) == {"task": task["func"]}
    # A function in C that does not tell what it takes.
    assert job_fields(time.sleep, task | {"func": "time.sleep"}) == {"task": "time.sleep"}
    assert job_fields(run_restoration, task | {"args": (1, 2, 3)}) == {"task": task["func"]}
    end_job()
    assert present_context() == {}


def test_a_traceback_is_part_of_its_line(written: io.StringIO) -> None:
    try:
        raise ValueError("broken in\ntwo")
    except ValueError:
        logging.getLogger("anything").exception("it failed")
    (line,) = lines(written)
    assert line["level"] == "ERROR"
    assert "ValueError: broken in\ntwo" in line["exc_info"]


def test_lines_for_people_say_it_behind_the_logger() -> None:
    settings = log_settings(form="line", level="INFO", queue_level="WARNING", request_lines=False)
    record = logging.LogRecord("archive", logging.INFO, __file__, 1, "stored %s", ("it",), None)
    token = request_id.set(ID)
    try:
        InContext().filter(record)
    finally:
        request_id.reset(token)
    layout = logging.Formatter(settings["formatters"]["line"]["format"], style="{")
    assert layout.format(record).endswith(f"INFO archive request_id={ID}: stored it")


def test_an_unknown_form_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="PULIH_LOG_FORMAT must be one of line, json"):
        log_settings(form="xml", level="INFO", queue_level="WARNING", request_lines=False)


def test_gunicorn_writes_in_the_same_form() -> None:
    ours = log_settings(form="json", level="INFO", queue_level="WARNING", request_lines=True)
    theirs = gunicorn_log_settings(form="json", level="warning")
    assert ours["handlers"] == theirs["handlers"]
    assert theirs["root"]["level"] == "WARNING"
    assert gunicorn_log_settings(form="line", level="warning") == {}
