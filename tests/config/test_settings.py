"""Settings that must hold together, and what a server that others reach insists on."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.databases import with_defaults
from config.queue import queue_settings, queues_of, threads_of_each
from config.secret_key import read_or_create_secret_key
from config.security_headers import POLICY

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_a_waiting_task_is_not_handed_out_twice(workers: int) -> None:
    queue = queue_settings(workers=workers, timeout_seconds=600)
    assert queue["retry"] > 600 * (1 + (queue["queue_limit"] + queue["bulk"]) / workers)
    assert queue["ack_failures"] is True
    assert queue["workers"] == workers


@pytest.mark.parametrize(("workers", "threads"), [(1, 8), (2, 4), (3, 2), (8, 1), (20, 1), (0, 8)])
def test_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch, workers: int, threads: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert threads_of_each(workers) == threads


@pytest.mark.parametrize(
    ("said", "queues"),
    [
        ([], ["general", "restoration"]),
        ([""], ["general", "restoration"]),
        (["general"], ["general"]),
        ([" restoration", "general "], ["general", "restoration"]),
    ],
)
def test_workers_take_from_the_queues_that_are_named_or_from_all(said: list[str], queues: list[str]) -> None:
    assert list(queues_of(said)) == queues


def test_sqlite_is_tuned_and_other_databases_are_not() -> None:
    sqlite = with_defaults({"ENGINE": "django.db.backends.sqlite3", "NAME": "x"})
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert sqlite["OPTIONS"]["timeout"] == 20
    postgres = with_defaults({"ENGINE": "django.db.backends.postgresql", "NAME": "x"})
    assert "OPTIONS" not in postgres
    assert postgres["CONN_HEALTH_CHECKS"] is True


def test_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = read_or_create_secret_key(path)
    assert len(key) >= 50
    assert read_or_create_secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_secret_key_of_a_faster_process_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret_key"
    link = os.link

    def be_late(source: Path, target: Path) -> None:
        path.write_text("the other process's key")
        link(source, target)

    monkeypatch.setattr(os, "link", be_late)
    assert read_or_create_secret_key(path) == "the other process's key"
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_pages_may_load_only_what_this_server_serves(client: Client) -> None:
    policy = client.get("/sign-in/").headers["Content-Security-Policy"]
    assert policy == POLICY
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in production settings, with `environment` in place of this process's PULIH_
    variables."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULIH_", "DATABASE_"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**inherited, "DJANGO_SETTINGS_MODULE": "config.settings.production", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


REQUIRED: dict[str, Any] = {
    "PULIH_SECRET_KEY": "k9!" * 20 + "abcdefghij",
    "PULIH_ALLOWED_HOSTS": "pulih.example.org",
}


@pytest.mark.parametrize("missing", REQUIRED)
def test_production_does_not_guess(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in REQUIRED.items() if name != missing}
    done = manage("check", PULIH_VAR_DIR=str(tmp_path), **given)
    assert done.returncode != 0
    assert f"Set the {missing} environment variable" in done.stderr


def test_a_queue_that_there_is_not_is_refused_when_a_process_starts(tmp_path: Path) -> None:
    done = manage("qcluster", PULIH_VAR_DIR=str(tmp_path), PULIH_QUEUES="general,gpu", **REQUIRED)
    assert done.returncode != 0
    assert "PULIH_QUEUES: there is no queue 'gpu'; there are general and restoration." in done.stderr
