"""The one door of mlcore to libvips: loaded on first use, without a cache of operations, few threads.

Lazily, because libvips starts threads, and a process that forks workers must not have any before.
"""

import logging
from functools import cache
from typing import Any

THREADS = 2
"""Of one pipeline; decoding and encoding are sequential anyway, and several workers share a machine."""


@cache
def libvips() -> Any:
    """The ``pyvips`` module, ready to use."""
    import pyvips

    logging.getLogger("pyvips").setLevel(logging.WARNING)  # it tells of every pipeline that ends
    pyvips.cache_set_max(0)
    pyvips.concurrency_set(THREADS)
    return pyvips
