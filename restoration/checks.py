"""What must be right before a worker may be trusted. Run by every command; torch is not needed for any of
it.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from archive.files.storage import sha256_of
from restoration.models import ModelVersion


def check_queue(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The queue's times fit together, and a failed task is not repeated for ever."""
    queue = settings.Q_CLUSTER
    timeout, retry = queue.get("timeout"), queue.get("retry", 60)
    found: list[CheckMessage] = []
    if not timeout:
        return [
            Error(
                "Q_CLUSTER has no timeout.",
                hint="A task that hangs would hold its worker.",
                id="restoration.E001",
            )
        ]
    # The queue locks a task when it is pulled, not when it starts: it may first wait behind all that were
    # pulled before.
    turns = 1 + math.ceil((queue.get("queue_limit", 1) + queue.get("bulk", 1)) / queue.get("workers", 1))
    if retry <= timeout * turns:
        found.append(
            Error(
                f"Q_CLUSTER retry {retry} s must be above timeout {timeout} s x {turns}.",
                hint="Tasks that wait their turn would be handed out twice.",
                id="restoration.E002",
            )
        )
    if not queue.get("ack_failures"):
        found.append(
            Error(
                "Q_CLUSTER ack_failures must be on.",
                hint="Failed tasks would come back.",
                id="restoration.E003",
            )
        )
    return found


def check_default_weights(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The default model's weights are there and are the registered ones. Only where the database may be
    asked.
    """
    if not databases:
        return []
    # Before the first migration there is no table yet, and `migrate` runs this check.
    present = ModelVersion._meta.db_table in connections[databases[0]].introspection.table_names()
    model_version = ModelVersion.objects.using(databases[0]).default().first() if present else None
    if model_version is None:
        return []
    if not model_version.weights_file.is_file():
        return [
            Warning(f"The weights of the default model {model_version} are missing.", id="restoration.W001")
        ]
    if sha256_of(model_version.weights_file) != model_version.weights_sha256:
        return [
            Warning(
                f"The weights of the default model {model_version} are not those that were registered.",
                hint="Register the new file with manage.py register_model, then promote it.",
                id="restoration.W002",
            )
        ]
    return []


def check_invention_passes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A spread needs at least two passes, and there are eight ways to turn a picture."""
    if settings.PULIH_INVENTION_PASSES in {0, *range(2, 9)}:
        return []
    return [
        Error(
            f"PULIH_INVENTION_PASSES is {settings.PULIH_INVENTION_PASSES}.",
            hint="0 to leave it out, else from 2 to 8.",
            id="restoration.E004",
        )
    ]


def register_checks() -> None:
    """Called once, when the app is ready."""
    register(check_queue)
    register(check_invention_passes)
    register(check_default_weights, Tags.database)
