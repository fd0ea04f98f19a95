"""A proxy that cuts uploads off: it stands before a server, and breaks connections at places of the file."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

_PIECE_BYTES = 64 * 1024


@dataclass
class Cut:
    """One broken connection: the part began at byte `begun`, had been handed on up to `reached`, and the next
    part that was accepted began at `resumed`.
    """

    begun: int
    reached: int
    resumed: int | None = None

    @property
    def sent_again(self) -> int:
        """Bytes that went over the wire twice."""
        return self.reached - (self.begun if self.resumed is None else self.resumed)


@dataclass
class CuttingProxy:
    """Hands on HTTP/1.1 to `port`, request by request, and cuts a PATCH where it passes one of `places`,
    bytes of the file; sometimes only once the whole part is through, so that its answer is lost.
    """

    port: int
    places: Iterable[int]
    seed: int = 0
    cuts: list[Cut] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        self._places = sorted(self.places)
        self._random = random.Random(self.seed)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> CuttingProxy:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self._ready.set()
            await self._stop.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._request(reader, writer, there, back):
                    pass
        finally:
            for side in (writer, back):
                side.close()

    async def _request(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> bool:
        """One request and its answer; False where the connection was cut."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, headers = _parsed(head)
        back.write(head)
        left = int(headers.get("content-length", 0))
        position = begun = int(headers.get("upload-offset", 0))
        answer_lost = False
        while left:
            piece = await reader.read(min(left, _PIECE_BYTES))
            if not piece:
                return False
            if method == "PATCH" and self._places and position + len(piece) > self._places[0]:
                place = self._places.pop(0)
                another = self._places and self._places[0] < position + left
                if another or self._random.random() < 0.5:
                    back.write(piece[: max(0, place - position)])
                    await back.drain()
                    self._cut(Cut(begun, max(place, position)), writer, back)
                    return False
                answer_lost = True
            back.write(piece)
            await back.drain()
            left, position = left - len(piece), position + len(piece)
            if answer_lost and not left:
                await there.readuntil(b"\r\n\r\n")
                self._cut(Cut(begun, position), writer, back)
                return False
        answer = await there.readuntil(b"\r\n\r\n")
        status, answered = _parsed(answer)
        writer.write(answer)
        if method != "HEAD":
            writer.write(await there.readexactly(int(answered.get("content-length", 0))))
        await writer.drain()
        if method == "HEAD" and self.cuts and "upload-offset" in answered:
            # Asked again after a conflict: what the server still had in hand has been written meanwhile.
            self.cuts[-1].resumed = int(answered["upload-offset"])
        return answered.get("connection", "") != "close" and bool(status)

    def _cut(self, cut: Cut, *sides: asyncio.StreamWriter) -> None:
        self.cuts.append(cut)
        for side in sides:
            if self._random.random() < 0.5:
                # A reset instead of an orderly end.
                raw: socket.socket = side.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.close()


def _parsed(head: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first.split(" ")[0], {name.strip().lower(): value.strip() for name, _colon, value in pairs}
