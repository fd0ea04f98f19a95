"""Requests, counted by address, method and status, with their durations and the bytes that they brought.

Under gunicorn each process counts in files of its own, which config/gunicorn.py gives it a place for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, values

from archive.logs.records import pattern_of

# Seconds. What waits for news (long polls) and what takes files in is slower than pages, by intention.
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    # Named by the place that the process takes among gunicorn's workers, and not by its number, as it would
    # be otherwise: processes are replaced every few thousand requests, and each would leave its files.
    values.ValueClass = values.MultiProcessValue(lambda: os.environ.get("PULIH_WEB_PLACE") or os.getpid())
disable_created_metrics()

REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "pulih_http_requests_total",
    "Requests that were answered.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_SECONDS = Histogram(
    "pulih_http_request_duration_seconds",
    "Time until the answer began.",
    ["method", "route"],
    buckets=_BUCKETS,
    registry=REGISTRY,
)
_BYTES = Counter(
    "pulih_http_request_bytes_total",
    "Bytes that requests announced as their content: uploads, for the most part.",
    ["route"],
    registry=REGISTRY,
)


class RequestMetricsMiddleware:
    """Counts every request that was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        route = route_of(request)
        method = request.method if request.method in _METHODS else "other"
        _REQUESTS.labels(method, route, response.status_code).inc()
        _SECONDS.labels(method, route).observe(time.perf_counter() - begun)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit():
            _BYTES.labels(route).inc(int(length))
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, of which there are a few hundred: addresses themselves are without number,
    and some hold keys.
    """
    if pattern := pattern_of(request):
        return pattern
    return settings.STATIC_URL if request.path.startswith(settings.STATIC_URL) else "none"
