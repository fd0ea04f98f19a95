"""Killing processes of a cluster of the queue (SIGKILL). They are found by what they log."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path

from tests.processes import parent

_INTRODUCTIONS = {"worker": "ready for work at", "monitor": "monitoring at", "pusher": "pushing tasks at"}

KINDS = ("worker", "monitor", "pusher", "guard", "watchdog", "cluster", "machine")
"""What can be killed: a part; the guard of all parts, its watchdog; those at once ("cluster"), which are then
started again; or with them what would do that ("machine").
"""


class Cluster:
    """A cluster that `python -m config.local_run worker` runs, and that logs to `log`."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def told(self) -> str:
        """All that it has logged."""
        return self._log.read_text(errors="replace")

    def living(self, kind: str) -> list[int]:
        """Numbers of the processes of that kind that live, oldest first."""
        if kind in _INTRODUCTIONS:
            spoken = re.findall(rf"{_INTRODUCTIONS[kind]} (\d+)", self.told())
            return [pid for pid in map(int, spoken) if parent(pid)]
        found = [pid for part in _INTRODUCTIONS for pid in self.living(part)]
        for _step in range(("guard", "watchdog", "machine").index(kind) + 1):
            found = sorted({above for pid in found if (above := parent(pid)) > 1})
        return found

    def kill(self, kind: str) -> bool:
        """SIGKILL one process of that kind, or all. False when there is none at this moment."""
        found = self.living("watchdog" if kind == "cluster" else kind)
        if not found:
            return False
        # Those of one cluster are in a group of their own, which whoever started them is not in.
        groups = (
            [os.getpgid(pid) for pid in self.living("watchdog")] if kind in {"cluster", "machine"} else []
        )
        with contextlib.suppress(ProcessLookupError):
            if kind != "cluster":
                os.kill(found[-1], signal.SIGKILL)
            for group in groups:
                os.killpg(group, signal.SIGKILL)
        return True
