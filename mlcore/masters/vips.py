"""The one door of mlcore to libvips: loaded on first use, without a cache of operations, few threads.

Lazily, because libvips starts threads, and a process that forks workers must not have any before.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def computing(image: Any, on_rows: Callable[[], None]) -> Iterator[None]:
    """Call ``on_rows`` now and then, in this thread, while the block has all of ``image`` computed.

    What it raises ends the computing and leaves the block.
    """
    raised: list[BaseException] = []

    def tell(_image: Any, _progress: Any) -> None:
        if raised:
            return
        try:
            on_rows()
        except BaseException as error:  # noqa: BLE001  (no exception finds its way through C)
            raised.append(error)
            image.set_kill(True)

    image.set_progress(True)
    image.signal_connect("eval", tell)
    try:
        yield
    except libvips().Error:
        if not raised:
            raise
    if raised:
        raise raised[0]
