"""Real gunicorn, two processes, without tables yet: what probes, figures and the log are there for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import ROOT, Installation, free_port, wait_for_answer, wait_until

TOKEN = "a long walk with a meter"
PROCESSES = 2
# Each process ends after so many requests, and another takes its place.
REQUESTS_EACH = 12


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("installation")
    installation = Installation(
        folder,
        PULIH_PORT=str(free_port()),
        PULIH_DEBUG="false",
        PULIH_WEB_PROCESSES=str(PROCESSES),
        PULIH_LOG_FORMAT="json",
        PULIH_GUNICORN_LOG_LEVEL="info",
        PULIH_MONITORING_TOKEN=TOKEN,
        PULIH_STATIC_DIR=str(folder / "static"),
    )
    # The page for what is not there has a style.
    installation.manage("collectstatic", "--no-input", "--verbosity", "0")
    return installation


@pytest.fixture(scope="module")
def log(installation: Installation) -> Iterator[Path]:
    limits = ["--max-requests", str(REQUESTS_EACH), "--max-requests-jitter", "0"]
    log = installation.start(
        "-m", "gunicorn", "--config", "config/gunicorn.py", *limits, "config.wsgi:application"
    )
    try:
        wait_for_answer(f"{address_of(installation)}/health/live", log)
        yield log
    finally:
        installation.stop()


def address_of(installation: Installation) -> str:
    return f"http://127.0.0.1:{installation.environment['PULIH_PORT']}"


def answered(address: str) -> float:
    """How many requests for the first probe were answered, as the figures say."""
    text = httpx.get(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "pulih_http_requests_total" and sample.labels["route"] == "/health/live"
    )


def test_processes_count_together_and_go_on_after_their_end(installation: Installation, log: Path) -> None:
    address = address_of(installation)
    before = answered(address)
    for _ in range(2 * REQUESTS_EACH):
        assert httpx.get(f"{address}/health/live", timeout=30).status_code == 200

    def started() -> int:
        return log.read_text().count("Booting worker")

    wait_until(lambda: started() > PROCESSES, seconds=60, what="a process has taken another's place")
    assert answered(address) == before + 2 * REQUESTS_EACH


def test_the_probe_of_containers_says_what_is_wrong(installation: Installation, log: Path) -> None:
    def probe(what: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "config.probe", what],
            cwd=ROOT,
            env=installation.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert (probe("live").returncode, probe("well").returncode) == (0, 2)
    not_ready = probe("ready")
    assert not_ready.returncode == 1
    assert json.loads(not_ready.stdout)["checks"]["migrations"] == "broken"


def test_every_line_of_the_log_is_json_and_names_its_request(installation: Installation, log: Path) -> None:
    httpx.get(
        f"{address_of(installation)}/no/such/place", headers={"X-Request-ID": "by-the-proxy"}, timeout=30
    )
    wait_until(lambda: "by-the-proxy" in log.read_text(), seconds=20, what="the line is there")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    loggers = {line["logger"] for line in lines}
    assert {"gunicorn.error", "django.request"} <= loggers
    assert all({"time", "level", "message"} <= line.keys() for line in lines)
