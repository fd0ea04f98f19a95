"""A machine with which nothing is wrong, and what `manage.py pulih_doctor` says of it."""

from __future__ import annotations

import io
import json
import smtplib
from collections import namedtuple
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import Schedule
from pytest_django import Settings

from archive.health import databases, disks
from tests.operation.living_queue import give_sign_of_life

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def well(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with room, a worker, and settings with which nothing is wrong."""
    monkeypatch.setattr(disks.shutil, "disk_usage", lambda folder: Usage(10**12, 0, 10**12))
    # The server for tests keeps nothing on purpose.
    monkeypatch.setattr(databases, "MUST_BE_ON", ())
    give_sign_of_life()
    Schedule.objects.update(next_run=timezone.now() + timedelta(minutes=1))
    settings.PULIH_ADDRESS = "https://pulih.example.org"
    settings.PULIH_OPERATORS = ["operator@example.org"]
    settings.SECRET_KEY = "k9!" * 20 + "abcdefghij"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr(smtplib.SMTP, "connect", lambda *arguments: (220, b"here"))
    monkeypatch.setattr(smtplib.SMTP, "login", lambda *arguments, **options: (235, b"you"))
    monkeypatch.setattr(smtplib.SMTP, "starttls", lambda *arguments, **options: (220, b"go"))
    monkeypatch.setattr(smtplib.SMTP, "quit", lambda *arguments: (221, b"bye"))


def diagnosed(*arguments: str) -> tuple[int, list[dict[str, str]]]:
    """The status that the command ends with, and what it found."""
    written, status = io.StringIO(), 0
    try:
        call_command("pulih_doctor", "--json", *arguments, stdout=written)
    except SystemExit as end:
        status = int(str(end.code))
    answer = json.loads(written.getvalue())
    grades = [each["grade"] for each in answer["findings"]]
    assert answer["status"] == next(each for each in ("broken", "warning", "ok") if each in grades)
    for each in answer["findings"]:
        assert bool(each["mend"]) is (each["grade"] != "ok"), each
        assert each["found"]
    return status, answer["findings"]


def trouble(*parts: str) -> list[tuple[str, str]]:
    """Grade and name of what is not well in these parts."""
    _status, found = diagnosed("--only", *parts)
    return [(each["grade"], each["name"]) for each in found if each["grade"] != "ok"]


def said(name: str, *parts: str) -> str:
    """What is found about this, and how it is mended."""
    return next(
        f"{each['found']} -> {each['mend']}"
        for each in diagnosed("--only", *parts)[1]
        if each["name"] == name
    )
