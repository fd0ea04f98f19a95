"""Gunicorn's settings, read by its --config.

Addresses and numbers can be changed by environment variables.
"""

import os
from pathlib import Path

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

# The worker's sign of life must not wait for a disk that an upload keeps busy.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None

# Failures are logged by Django, visits by the proxy in front; ask for them here with PULIH_ACCESS_LOG=-
loglevel = os.environ.get("PULIH_GUNICORN_LOG_LEVEL", "warning")
accesslog = os.environ.get("PULIH_ACCESS_LOG") or None
