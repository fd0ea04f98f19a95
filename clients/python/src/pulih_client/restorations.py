"""Restorations: asking for them, waiting, another strength, decisions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pulih_client.connection import Connection
from pulih_client.errors import RestorationFailed, StillWaiting, retry_after
from pulih_client.records import UNFINISHED, Restoration, Review

LONG_POLL = 25
"""Seconds that the server is asked to hold an answer back while nothing happens."""

_DONE = "done"


class Restorations:
    """Of photos that one may see; asking for them takes a curator or a reviewer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(
        self,
        photo: str,
        *,
        model: str | None = None,
        strength: int = 100,
        quick: bool = False,
        thorough: bool = False,
        hand: Path | None = None,
        key: str | None = None,
    ) -> Restoration:
        """Queue one. `quick`: faster, a little worse. `thorough`: finds more, errs less, takes three to four
        times as long; the two may go together. `hand`: a grey PNG of the upright photo, 255 repair this, 128
        protect this, 0 as the model thinks. The same `key` twice is the same restoration. Raises Conflict
        while another one of the photo waits or runs.
        """
        path = f"photos/{photo}/restorations/"
        choices = {"quick": quick, "thorough": thorough}
        wanted: dict[str, Any] = {"strength": strength} | ({"model": model} if model else {})
        if hand is None:
            return Restoration.read(self._connection.post(path, wanted | choices, key=key))
        # A form has no true and false of its own.
        form = wanted | {name: str(chosen).lower() for name, chosen in choices.items()}
        with hand.open("rb") as file:
            return Restoration.read(self._connection.post_file(path, "hand", file, hand.name, form, key=key))

    def start_all(self, collection: str, photos: list[str] | None = None, *, thorough: bool = False) -> int:
        """Queue one of each photo of a collection and below it, or of those that are named, `thorough` as
        `start` says; how many were. Left out are those that wait or run already.
        """
        wanted: dict[str, Any] = {"thorough": thorough} | ({} if photos is None else {"photos": photos})
        queued: int = self._connection.post(f"collections/{collection}/restore/", wanted)["queued"]
        return queued

    def of_photo(self, photo: str) -> Iterator[Restoration]:
        """All versions, newest first."""
        found = self._connection.pages(f"photos/{photo}/restorations/")
        return (Restoration.read(data) for data in found)

    def get(self, restoration: str) -> Restoration:
        """One of them, by its id."""
        return Restoration.read(self._connection.get(f"restorations/{restoration}/"))

    def wait(
        self,
        restoration: str,
        *,
        seconds: float | None = None,
        on_progress: Callable[[str, int], None] | None = None,
    ) -> Restoration:
        """Wait until it is done, for at most `seconds`; `on_progress` is told status and per cent.

        Raises RestorationFailed where it failed or was cancelled, StillWaiting when the time is over.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        path, version = f"restorations/{restoration}/progress/", ""
        while True:
            left = LONG_POLL if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise StillWaiting(f"The restoration was not done within {seconds:g} seconds.")
            since = {"after": version, "wait": int(min(left, LONG_POLL))}
            response = self._connection.request("GET", path, params=since)
            told = response.json()
            if on_progress:
                on_progress(told["status"], told["progress"])
            if told["status"] not in UNFINISHED:
                break
            # Too many wait there already; or less is left than the second that one can ask to wait.
            pause = retry_after(response) or (left if left < 1 else 0.0)
            time.sleep(min(pause, left))
            version = told["version"]
        found = self.get(restoration)
        if found.status != _DONE:
            raise RestorationFailed(found)
        return found

    def blend(self, restoration: str, strength: int, *, key: str | None = None) -> Restoration:
        """Queue a version of a finished one with another strength (per cent), without the network."""
        path = f"restorations/{restoration}/strength/"
        return Restoration.read(self._connection.post(path, {"strength": strength}, key=key))

    def cancel(self, restoration: str) -> Restoration:
        """Cancel one that waits or runs. Raises Conflict when it has come to its end."""
        return Restoration.read(self._connection.post(f"restorations/{restoration}/cancel/"))

    def redo(self, restoration: str, *, key: str | None = None, **options: Any) -> Restoration:
        """Queue another one as this one was asked for, but for `options` (model, strength, quick,
        thorough).
        """
        path = f"restorations/{restoration}/redo/"
        return Restoration.read(self._connection.post(path, options, key=key))


class Reviews:
    """Decisions; they take a reviewer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_restoration(self, restoration: str) -> Iterator[Review]:
        """All of them, newest first."""
        found = self._connection.pages(f"restorations/{restoration}/reviews/")
        return (Review.read(data) for data in found)

    def approve(self, restoration: Restoration, comment: str = "") -> Review:
        """It may be published. Raises Conflict where somebody has decided since `restoration` was read."""
        return self._decide(restoration, {"decision": "approved", "comment": comment})

    def reject(self, restoration: Restoration, reason: str = "", comment: str = "") -> Review:
        """It may not; `reason` is a code of `review/reasons/`. Raises Conflict as `approve` does."""
        return self._decide(restoration, {"decision": "rejected", "reason": reason, "comment": comment})

    def _decide(self, restoration: Restoration, decision: dict[str, Any]) -> Review:
        seen = {"expected_state": restoration.review_state}
        path = f"restorations/{restoration.id}/reviews/"
        return Review.read(self._connection.post(path, decision | seen))
