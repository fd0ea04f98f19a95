"""How things stand, read from the database when it is asked for: right however many processes and machines
there are. Every query is answered by an index or goes over a small table.
"""

from __future__ import annotations

import logging
import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import django
from django.db import DatabaseError, models
from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from archive.events.software import software_name
from archive.fixity.standing import counts_by_kind, shelves_read_lately
from archive.health.disks import room_in, written_folders
from archive.models import SHELVES, FixityRun, ImportRun, Upload, Webhook, WebhookDelivery
from archive.queue.health import queue_health
from restoration.models import ModelVersion, Restoration

HOUR = timedelta(hours=1)
# Of an hour in which more have ended, so many of the newest are looked at.
_MOST_LOOKED_AT = 5000
_ENDS = (Restoration.Status.DONE, Restoration.Status.FAILED)
_QUANTILES = (0.5, 0.9, 1.0)

logger = logging.getLogger(__name__)


class Standing(Collector):
    """For a registry of its own, which asks it at every scrape."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Every family; with a database that does not answer, that it does not, and the disks."""
        yield from _disks()
        reachable = 1
        families: list[GaugeMetricFamily] = []
        try:
            families = list(_from_database())
        except DatabaseError:
            logger.exception("the database does not answer")
            reachable = 0
        yield from families
        yield GaugeMetricFamily("pulih_database_up", "1 if the database answers, else 0.", value=reachable)


def _from_database() -> Iterator[GaugeMetricFamily]:
    now = timezone.now()
    yield _info()
    yield from _queue(now)
    yield from _restorations(now)
    yield _counted("pulih_uploads", "Uploads that are kept, by state.", Upload.objects.all(), "state")
    yield _counted(
        "pulih_imports", "Imports that have not ended, by state.", ImportRun.objects.active(), "state"
    )
    yield from _fixity()
    yield from _webhooks(now)


def _info() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "pulih_info", "What runs here; always 1.", labels=["software", "django", "python", "model"]
    )
    model_version = str(ModelVersion.objects.default().first() or "")
    family.add_metric([software_name(), django.get_version(), platform.python_version(), model_version], 1)
    return family


def _queue(now: datetime) -> Iterator[GaugeMetricFamily]:
    families = [
        GaugeMetricFamily(f"pulih_queue_{name}", text, labels=["queue"])
        for name, text in (
            ("messages", "Messages that wait for a worker, by queue."),
            ("oldest_message_seconds", "How long the oldest of them has waited."),
            ("clusters", "Clusters of workers that are alive and take from the queue."),
            ("stuck", "1 if nobody does what waits there; of general, also before anything waits. Else 0."),
        )
    ]
    for line in queue_health(now=now).lines:
        waited = line.oldest_waiting or timedelta()
        figures = (line.waiting, waited.total_seconds(), line.clusters, int(line.is_stuck))
        for family, figure in zip(families, figures, strict=True):
            family.add_metric([line.queue], figure)
    yield from families


def _restorations(now: datetime) -> Iterator[GaugeMetricFamily]:
    everything = Restoration.objects.order_by()
    yield _counted("pulih_restorations", "Restorations by state.", everything, "status")
    # In the order of the index on their ends, so that it is the one that is used.
    lately = everything.ended_since(now - HOUR).order_by("-finished_at")
    rows = list(lately.values_list("status", "started_at", "finished_at")[:_MOST_LOOKED_AT])
    ended = Counter(status for status, _started, _finished in rows)
    family = GaugeMetricFamily(
        "pulih_restorations_last_hour", "Those that ended within an hour, by state.", labels=["status"]
    )
    for state in _ENDS:
        family.add_metric([state], ended[state])
    yield family
    seconds = sorted(
        (finished - started).total_seconds()
        for status, started, finished in rows
        if status == Restoration.Status.DONE and started and finished
    )
    family = GaugeMetricFamily(
        "pulih_restoration_duration_last_hour_seconds",
        "Time from a worker's beginning to the result, of those done within an hour.",
        labels=["quantile"],
    )
    for quantile in _QUANTILES if seconds else ():
        family.add_metric([str(quantile)], seconds[min(len(seconds) - 1, int(quantile * len(seconds)))])
    yield family


def _fixity() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "pulih_fixity_findings", "Files that are not as they should be.", labels=["kind"]
    )
    for kind, count in counts_by_kind().items():
        family.add_metric([kind], count)
    yield family
    yield GaugeMetricFamily(
        "pulih_fixity_read_ratio",
        "Share of the shelves that were read within PULIH_FIXITY_DAYS days, 0 to 1.",
        value=shelves_read_lately() / SHELVES,
    )
    ended = FixityRun.objects.of_everything().filter(finished_at__isnull=False).order_by("-started_at")
    last = ended.values_list("finished_at", flat=True).first()
    if last is not None:
        yield GaugeMetricFamily(
            "pulih_fixity_last_run_timestamp_seconds",
            "When a check of all files last ended.",
            value=last.timestamp(),
        )


def _webhooks(now: datetime) -> Iterator[GaugeMetricFamily]:
    due = WebhookDelivery.objects.due(now).filter(webhook__in=Webhook.objects.sending())
    yield GaugeMetricFamily(
        "pulih_webhook_deliveries_due", "Deliveries that should have been sent.", value=due.count()
    )
    off = Webhook.objects.filter(disabled_at__isnull=False).count()
    yield GaugeMetricFamily(
        "pulih_webhooks_switched_off", "Webhooks that failed until they were given up.", value=off
    )


def _disks() -> Iterator[GaugeMetricFamily]:
    free = GaugeMetricFamily(
        "pulih_disk_free_bytes", "Room left where the platform writes.", labels=["folder"]
    )
    total = GaugeMetricFamily("pulih_disk_total_bytes", "Size of that file system.", labels=["folder"])
    for word, folder in written_folders().items():
        room = room_in(folder)
        free.add_metric([word], room.free)
        total.add_metric([word], room.total)
    yield from (free, total)


def _counted(name: str, text: str, rows: models.QuerySet[models.Model], field: str) -> GaugeMetricFamily:
    """How many rows there are of each value of `field`; zero for the values that no row has."""
    counts = dict(rows.order_by().values_list(field).annotate(count=Count("*")))
    choices: Any = getattr(rows.model._meta.get_field(field), "choices", None) or ()
    family = GaugeMetricFamily(name, text, labels=[field])
    for value, _label in choices:
        family.add_metric([str(value)], counts.get(value, 0))
    return family
