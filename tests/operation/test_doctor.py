"""`manage.py pulih_doctor`: of what is broken, its name and how to mend it; nothing of what is well."""

from __future__ import annotations

import io
import json
import os
import shutil
import smtplib
import time
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import get_connection
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from pytest_django import Settings

from archive.files.storage import Area, incoming_folder
from archive.health import databases, disks, stores, surroundings
from archive.models import FixityFinding, FixityRun, Original, Webhook
from archive.queue.queues import Queue
from restoration.models import ModelVersion, Restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.operation.living_queue import give_sign_of_life
from tests.stored import area_folder, stored_path

pytestmark = pytest.mark.django_db

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


def test_of_what_is_well_there_is_nothing_to_mend(model_version: ModelVersion) -> None:
    make_photo()
    status, found = diagnosed("--strict")
    assert [each for each in found if each["grade"] != "ok"] == []
    assert status == 0
    assert {each["part"] for each in found} == {
        "versions",
        "settings",
        "database",
        "disk",
        "storage",
        "queue",
        "model",
        "mail",
        "webhooks",
        "clock",
    }


def test_people_read_lines_and_scripts_a_status(settings: Settings) -> None:
    settings.PULIH_OPERATORS = []
    written = io.StringIO()
    call_command("pulih_doctor", "--only", "mail", stdout=written, no_color=True)
    first, second, mend, count = written.getvalue().splitlines()
    assert first.startswith("ok      mail      mail: ")
    assert second == "warning mail      operators: nobody would hear of missing or changed files"
    assert mend.strip().startswith("-> Set PULIH_OPERATORS")
    assert count == "1 ok, 1 warning, 0 broken"
    assert diagnosed("--only", "mail")[0] == 0
    assert diagnosed("--only", "mail", "--strict")[0] == 1


# Database


def test_a_database_in_the_wrong_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "MUST_BE_ON", ("fsync",))
    if connection.vendor == "sqlite":
        answers = {"PRAGMA journal_mode": "delete", "PRAGMA synchronous": 1, "PRAGMA quick_check(1)": "ok"}
        expected = [("broken", "database settings")]
    else:
        answers = {
            "SHOW server_version_num": "130011",
            "SHOW server_version": "13.11",
            "SHOW server_encoding": "LATIN1",
        }
        expected = [
            ("broken", "database engine"),
            ("broken", "database settings"),
            ("warning", "database settings"),
        ]
    monkeypatch.setattr(databases, "setting_value", lambda query: answers.get(query, "off"))
    assert trouble("database")[: len(expected)] == expected


def test_a_damaged_database_and_one_on_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        monkeypatch.setattr(databases.shutil, "which", lambda tool: None)
        assert ("warning", "backup tool") in trouble("database")
        return
    mounts = tmp_path / "mounts"
    mounts.write_text("rootfs / ext4 rw 0 0\nserver:/srv / nfs4 rw 0 0\n")
    monkeypatch.setattr(databases, "MOUNTS", mounts)
    answers = {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 1}
    monkeypatch.setattr(databases, "setting_value", lambda query: answers.get(query, "Page 7: never used"))
    assert trouble("database") == [("broken", "database place"), ("broken", "database file")]
    assert "restore the newest backup" in said("database file", "database")


def test_a_migration_that_is_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'restoration' AND name = '0002_registry'")
    assert trouble("database") == [("broken", "migrations")]
    assert "restoration.0002_registry" in said("migrations", "database")
    assert "manage.py migrate" in said("migrations", "database")


# Disk and storage


def test_a_disk_that_fills_up(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.PULIH_MIN_FREE_BYTES = 1000
    monkeypatch.setattr(disks.shutil, "disk_usage", lambda folder: Usage(10**6, 0, 999))
    assert ("broken", "room for media") in trouble("disk")
    monkeypatch.setattr(disks.shutil, "disk_usage", lambda folder: Usage(10**6, 0, 1001))
    assert ("warning", "room for media") in trouble("disk")


def test_a_file_system_without_names_left(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = namedtuple("figures", "f_files f_favail")(1000, 49)
    monkeypatch.setattr(disks.os, "statvfs", lambda folder: figures)
    assert ("warning", "files for media") in trouble("disk")


def test_storage_that_refuses_or_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: b"something else")
        assert trouble("storage") == [("broken", "storage")]
        found = diagnosed("--only", "storage")[1]
        assert any("other bytes than were written" in each["found"] for each in found)
    with monkeypatch.context() as patch:
        clock = iter(range(0, 1000, 5))
        patch.setattr(stores.time, "monotonic", lambda: next(clock))
        assert trouble("storage") == [("warning", "storage")]

    def refuse(**options: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(stores.tempfile, "mkstemp", refuse)
    assert trouble("storage") == [("broken", "storage")]
    assert list(incoming_folder().iterdir()) == [], "it leaves nothing behind"


def test_areas_on_different_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    make_photo()
    elsewhere = area_folder(Area.ORIGINALS)
    stat = Path.stat

    def on_another(path: Path, **options: Any) -> Any:
        found = stat(path, **options)
        return os.stat_result([*found[:2], found.st_dev + 1, *found[3:]]) if path == elsewhere else found

    monkeypatch.setattr(Path, "stat", on_another)
    assert trouble("storage") == [("broken", "storage of originals")]


def test_files_that_are_missing_astray_or_left_behind() -> None:
    photo = make_photo()
    lost = stored_path(Area.ORIGINALS, photo.original.sha256)
    strange = lost.with_name("f" * 64)
    lost.rename(strange)
    old = incoming_folder() / "tmpabc"
    old.touch()
    os.utime(old, (time.time() - 3 * 86400,) * 2)
    assert trouble("storage") == [
        ("warning", "incoming files"),
        ("broken", "stored files"),
        ("warning", "files that no row names"),
    ]
    assert "1 of 1 are missing" in said("stored files", "storage")
    assert strange.name in said("files that no row names", "storage")


def test_many_files_are_counted_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = make_photo()
    shutil.rmtree(area_folder(Area.ORIGINALS))
    assert photo.original
    monkeypatch.setattr(stores, "MOST_COUNTED", 0)
    assert trouble("storage") == []
    assert diagnosed("--only", "storage", "--files")[0] == 1


def test_what_checks_of_all_files_have_found(settings: Settings) -> None:
    run = FixityRun.objects.create(scope=FixityRun.Scope.SLICE, next_shelf=100, end_shelf=100)
    long_ago = timezone.now() - timedelta(days=settings.PULIH_FIXITY_DAYS + 30)
    FixityRun.objects.filter(pk=run.pk).update(started_at=long_ago)
    FixityFinding.objects.create(
        run=run, kind=FixityFinding.Kind.UNKNOWN, path="originals/x", seen_at=timezone.now()
    )
    assert trouble("storage") == [("warning", "fixity"), ("warning", "fixity schedule")]
    FixityFinding.objects.update(kind=FixityFinding.Kind.CHANGED)
    assert ("broken", "fixity") in trouble("storage")


# Queue


def test_a_queue_that_nobody_works_on() -> None:
    connection.cursor().execute("DELETE FROM archive_clusterbeat")
    Schedule.objects.filter(name="archive-ingest").update(next_run=timezone.now() - timedelta(minutes=11))
    assert trouble("queue") == [("broken", "queue"), ("broken", "schedule")]
    assert "systemctl restart pulih-worker" in said("queue", "queue")
    assert "archive-ingest" in said("schedule", "queue")
    Schedule.objects.all().delete()
    assert "manage.py migrate" in said("schedule", "queue")


def test_a_queue_that_only_others_work_on(settings: Settings) -> None:
    connection.cursor().execute("DELETE FROM archive_clusterbeat")
    give_sign_of_life(Queue.GENERAL)
    assert trouble("queue") == [("warning", "queue")]
    OrmQ.objects.create(key="restoration", payload="", lock=timezone.now() - timedelta(hours=7))
    assert trouble("queue") == [("broken", "queue")]
    told = {each["found"]: each["mend"] for each in diagnosed("--only", "queue")[1]}
    assert "general: 1 clusters at work, nothing waits" in told
    assert "PULIH_QUEUES=restoration" in told["nobody works on restoration: 1 messages wait"]
    give_sign_of_life(Queue.RESTORATION)
    assert trouble("queue") == [("warning", "waiting work")]
    assert "restoration waits for 7 hours" in said("waiting work", "queue")
    connection.cursor().execute("DELETE FROM archive_clusterbeat")
    give_sign_of_life(Queue.RESTORATION)
    assert "PULIH_QUEUES=general" in said("queue", "queue")
    # Of a process that has not been stopped before the upgrade.
    OrmQ.objects.create(key="pulih", payload="", lock=timezone.now())
    told = {each["found"]: each["mend"] for each in diagnosed("--only", "queue")[1]}
    assert "manage.py migrate" in told["nobody works on pulih: 1 messages wait"]


def test_restorations_that_fail() -> None:
    collection = make_collection(auto_restore=False)
    make_restoration(photo=make_photo(collection=collection), status=Restoration.Status.FAILED)
    assert trouble("queue") == [("warning", "restorations")]
    assert "1 restoration:engine:unexpected" in said("restorations", "queue")
    Restoration.objects.update(error_code="restoration:attempts:exhausted")
    assert "journalctl -k" in said("restorations", "queue")


# Model


def test_a_model_that_is_missing_changed_or_no_model(model_version: ModelVersion, tmp_path: Path) -> None:
    good = model_version.weights_file.read_bytes()
    path = tmp_path / "weights.safetensors"
    ModelVersion.objects.update(weights_path=str(path))
    assert trouble("model") == [("broken", "model file")]
    assert "is missing" in said("model file", "model")
    path.write_bytes(good[:-1])
    assert "is not the file that was registered" in said("model file", "model")
    ModelVersion.objects.update(is_default=False)
    assert "manage.py register_model" in said("model", "model")


def test_where_the_model_ran_and_why(model_version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "on cpu, by PULIH_DEVICE=auto" in said("model", "model")


def test_a_machine_that_restores_nothing_needs_no_model(settings: Settings) -> None:
    settings.PULIH_QUEUES = (Queue.GENERAL,)
    assert trouble("model") == []
    assert "other machines" in said("model", "model")


# Surroundings


def test_packages_that_are_missing_or_others(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements.txt").write_text(
        "# Platform\nDjango==1.0  # old\nno-such-package[extra]==3.0\nnumpy>=1\n"
    )
    assert trouble("versions") == [("broken", "packages"), ("warning", "packages")]
    assert "no-such-package" in said("packages", "versions")


def test_settings_for_ones_own_machine(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = False
    settings.DEBUG = True
    settings.PULIH_ADDRESS = ""
    assert trouble("settings") == [("warning", "settings"), ("warning", "address")]
    assert "DJANGO_SETTINGS_MODULE=config.settings.production" in said("settings", "settings")


def test_a_weak_secret_and_a_queue_that_would_repeat_itself(settings: Settings) -> None:
    settings.SECRET_KEY = "secret"
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"ack_failures": False}
    found = trouble("settings")
    assert ("warning", "settings security.W009") in found
    assert ("broken", "settings restoration.E003") in found
    assert "PULIH_SECRET_KEY" in said("settings security.W009", "settings")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ConnectionRefusedError("refused"), "firewall"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "password"),
    ],
)
def test_a_mail_server_that_does_not_let_us_in(
    monkeypatch: pytest.MonkeyPatch, error: Exception, word: str
) -> None:
    def refuse(*arguments: Any) -> None:
        raise error

    monkeypatch.setattr(type(get_connection()), "open", refuse)
    assert trouble("mail") == [("broken", "mail")]
    assert word in said("mail", "mail")


def test_no_mail_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert trouble("mail") == [("warning", "mail")]


def test_webhooks_that_were_given_up() -> None:
    Webhook.objects.create(
        owner=make_user(),
        url="https://reader.example.org/",
        disabled_at=timezone.now(),
        disabled_because=Webhook.Reason.FAILING,
    )
    assert trouble("webhooks") == [("warning", "webhooks")]


def test_clocks_that_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    make_photo()
    Original.objects.update(created_at=timezone.now() + timedelta(hours=1))
    assert "in the future" in said("clock", "clock")
    monkeypatch.setattr(surroundings, "disk_drift", lambda: -2.5)
    assert "-2.5 s" in said("clock", "clock")
    assert "NTP" in said("clock", "clock")


def test_a_check_that_fails_itself_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_over() -> None:
        raise RuntimeError("over")

    monkeypatch.setattr(surroundings, "disk_drift", fall_over)
    assert trouble("clock", "mail") == [("broken", "clock")]
    assert "RuntimeError: over" in said("clock", "clock")
