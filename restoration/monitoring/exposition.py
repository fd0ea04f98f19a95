"""All figures in Prometheus' text form."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from restoration.monitoring.requests import REGISTRY
from restoration.monitoring.standing import Standing


def exposition(*, accept: str) -> tuple[bytes, str]:
    """The figures in the form that `accept` (the header of that name) asks for, and its media type: what this
    machine's web processes have counted together, and how things stand.
    """
    encode, content_type = choose_encoder(accept)
    everything = CollectorRegistry()
    everything.register(Standing())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(everything)
    else:
        everything.register(REGISTRY)
    return encode(everything), content_type
