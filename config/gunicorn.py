"""Gunicorn's settings, read by its --config.

Addresses and numbers can be changed by environment variables.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from config.environment import read_environment
from config.logs import gunicorn_log_settings

read_environment()

bind = f"{os.environ.get('PULIH_HOST', '127.0.0.1')}:{os.environ.get('PULIH_PORT', '8000')}"

# Threads, because most of a request's time is an upload trickling in or a file going out.
worker_class = "gthread"
workers = int(os.environ.get("PULIH_WEB_PROCESSES", "2"))
threads = int(os.environ.get("PULIH_WEB_THREADS", "8"))

# Seconds. A thread may take as long as its upload needs: the worker process itself keeps answering.
timeout = 120
graceful_timeout = 30
keepalive = 5

# A fresh process now and then gives back the memory that large scans leave fragmented.
max_requests = 2000
max_requests_jitter = 200

# Signals are enough to control it; its socket would lie in a home folder, which a service has not.
control_socket_disable = True

# The worker's sign of life must not wait for a disk that an upload keeps busy.
_IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # gunicorn makes its file safely  # nosec B108
worker_tmp_dir = _IN_MEMORY

# Failures are logged by Django, visits by the proxy in front; ask for them here with PULIH_ACCESS_LOG=-
# (or, as JSON, with PULIH_LOG_FORMAT=json).
loglevel = os.environ.get("PULIH_GUNICORN_LOG_LEVEL", "warning")
accesslog = os.environ.get("PULIH_ACCESS_LOG") or None
logconfig_dict = gunicorn_log_settings(form=os.environ.get("PULIH_LOG_FORMAT", "line"), level=loglevel)


def on_starting(server: Any) -> None:
    """A folder in which the workers count for /metrics, all of them into one sum."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="pulih-metrics-", dir=_IN_MEMORY)


def pre_fork(server: Any, worker: Any) -> None:
    """Each worker gets the lowest place that is free, and goes on counting where its predecessor ended."""
    taken = {each.place for each in server.WORKERS.values()}
    worker.place = min(set(range(len(taken) + 1)) - taken)


def post_fork(server: Any, worker: Any) -> None:
    """In the new process, before it loads the application."""
    os.environ["PULIH_WEB_PLACE"] = str(worker.place)


def on_exit(server: Any) -> None:
    """The first process has stopped all others."""
    shutil.rmtree(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), ignore_errors=True)
