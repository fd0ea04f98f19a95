"""A real web process beside a real cluster with the seconds of production: what is stopped (SIGSTOP) shows
within a minute, and the watchdog mends it.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator

import httpx
import pytest

from benchmarks.faults import Cluster
from tests.processes import Installation, free_port, parent, wait_for_answer, wait_until

RED_WITHIN_SECONDS = 60
GREEN_WITHIN_SECONDS = 60
"""After that, on a machine that has other work."""

LONG = "import django_q.tasks as tasks; tasks.async_task('time.sleep', 20)"
SUM = "import django_q.tasks as tasks; print(tasks.async_task('operator.add', 1, 2))"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(
        tmp_path_factory.mktemp("stuck"),
        PULIH_PORT=str(free_port()),
        PULIH_WEB_PROCESSES="1",
        PULIH_MIN_FREE_BYTES="0",  # whatever the machine has on which this runs
    )
    installation.manage("migrate", "--verbosity", "0")
    log = installation.start("-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application")
    try:
        wait_for_answer(f"{address_of(installation)}/health/live", log)
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def cluster(installation: Installation) -> Cluster:
    return Cluster(installation.start("manage.py", "qcluster"))


def address_of(installation: Installation) -> str:
    return f"http://127.0.0.1:{installation.environment['PULIH_PORT']}"


def ready(installation: Installation) -> int:
    return httpx.get(f"{address_of(installation)}/health/ready", timeout=30).status_code


def asked_for(installation: Installation, what: str) -> str:
    return installation.manage("shell", "--verbosity", "0", "-c", what).strip()


def works(installation: Installation) -> None:
    """Have something done."""
    task = asked_for(installation, SUM)
    done = f"SELECT 1 FROM django_q_task WHERE id = '{task}' AND success"
    wait_until(lambda: installation.rows(done), seconds=60, what="a sum")


def red_and_green(installation: Installation, stopped: int) -> None:
    """Stop that process; see that it is noticed, and mended."""
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    wait_until(lambda: ready(installation) == 503, seconds=RED_WITHIN_SECONDS, what="503")
    red = time.monotonic() - began
    wait_until(
        lambda: not parent(stopped) and ready(installation) == 200,
        seconds=RED_WITHIN_SECONDS - red + 20 + GREEN_WITHIN_SECONDS,
        what="another cluster",
    )
    logging.getLogger(__name__).info("red after %d s, green after %d s", red, time.monotonic() - began)
    works(installation)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("guard", marks=pytest.mark.slow),
        pytest.param("pusher", marks=pytest.mark.slow),
        # tests/archive/test_queue_cluster.py has these with shorter times.
        pytest.param("monitor", marks=pytest.mark.exhaustive),
        pytest.param("worker", marks=pytest.mark.exhaustive),
    ],
)
def test_a_part_that_is_stopped_is_seen_within_a_minute_and_started_again(
    installation: Installation, cluster: Cluster, part: str
) -> None:
    wait_until(lambda: ready(installation) == 200, seconds=90, what="a cluster at work")
    works(installation)
    red_and_green(installation, cluster.living(part)[-1])


@pytest.mark.exhaustive
def test_so_is_a_worker_that_is_stopped_at_its_work(installation: Installation, cluster: Cluster) -> None:
    wait_until(lambda: ready(installation) == 200, seconds=90, what="a cluster at work")
    asked_for(installation, LONG)
    wait_until(
        lambda: installation.rows("SELECT 1 FROM django_q_ormq WHERE lock > CURRENT_TIMESTAMP"),
        seconds=60,
        what="its begin",
    )
    time.sleep(2)  # from the pusher's hand into the worker's
    red_and_green(installation, cluster.living("worker")[-1])


@pytest.mark.exhaustive
def test_beside_a_watchdog_that_is_stopped_work_goes_on(installation: Installation, cluster: Cluster) -> None:
    wait_until(lambda: ready(installation) == 200, seconds=90, what="a cluster at work")
    (watchdog,) = cluster.living("watchdog")
    os.kill(watchdog, signal.SIGSTOP)
    time.sleep(RED_WITHIN_SECONDS + 10)
    assert ready(installation) == 200
    works(installation)
    os.kill(watchdog, signal.SIGCONT)
