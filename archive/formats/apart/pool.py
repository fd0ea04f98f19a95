"""The decoders of this process: started when they are needed, lent to one thread at a time, used again."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from archive.formats.apart.decoder import Decoder, DecoderGone, DecoderStopped

__all__ = ["DecoderStopped", "decode_apart"]

AT_ONCE = max(2, min(8, os.cpu_count() or 2))
"""So many files of one process are decoded at a time; others wait. Each may need its limit of memory."""
# After so many works a fresh one gives back the memory that large scans leave fragmented.
_WORKS_OF_ONE = 500
# One may have been killed while it waited, and not look dead yet.
_DECODERS_TRIED = 3


class Pool:
    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[Decoder] = []
        self.decoders: set[Decoder] = set()

    @contextmanager
    def lent(self) -> Iterator[Decoder]:
        """A living decoder. Whatever goes wrong while it is lent, a timeout of the whole task included, is
        its end: nobody knows what it still does.
        """
        with self._room:
            decoder = self._taken()
            try:
                yield decoder
            except OSError:  # an answer like any other
                self._take_back(decoder)
                raise
            except BaseException:
                self.end(decoder)
                raise
            self._take_back(decoder)

    def forget(self) -> None:
        """After a fork: these are another process' decoders, which must not wait for us to end."""
        for decoder in self.decoders:
            decoder.forget()

    def _taken(self) -> Decoder:
        while True:
            with self._lock:
                decoder = self._idle.pop() if self._idle else None
            if decoder is None:
                decoder = Decoder()
                self.decoders.add(decoder)
                return decoder
            if decoder.is_alive:
                return decoder
            self.end(decoder)

    def _take_back(self, decoder: Decoder) -> None:
        with self._lock:
            if decoder.works < _WORKS_OF_ONE:
                self._idle.append(decoder)
                return
        self.end(decoder)

    def end(self, decoder: Decoder) -> None:
        self.decoders.discard(decoder)
        decoder.end()


shared = Pool()


def decode_apart(work: str, **values: Any) -> Any:
    """Have a decoder do `work`, one of the names in `archive.formats.apart.child`, and return what it says.

    `values` and the answer are what JSON can tell. Raises DecoderStopped where the decoder died over it or
    was ended at a limit, and OSError as the work does.
    """
    for _decoder in range(_DECODERS_TRIED):
        with suppress(DecoderGone), shared.lent() as decoder:
            return decoder.ask(work, values)
    raise DecoderStopped(f"{_DECODERS_TRIED} decoders were gone before they had begun")


def _begin_anew() -> None:
    global shared
    inherited, shared = shared, Pool()
    inherited.forget()


os.register_at_fork(after_in_child=_begin_anew)
