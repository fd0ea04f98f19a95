"""The memory of an installation's processes, by what they are."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.faults import KINDS, Cluster

MIB = 1024 * 1024
LONG = 0.25
"""Share of the whole watch. A kind of which no process grows older is replaced again and again."""
PARTS = KINDS[: KINDS.index("cluster")]


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment: hours since the watch began, seconds since the process did, MiB."""

    pid: int
    hours: float
    age: float
    resident: float
    private: float


class Memory:
    """Looks at the processes that were started below this one."""

    def __init__(self, cluster: Cluster, *, warm_up: float) -> None:
        self._cluster, self._warm_up, self._began = cluster, warm_up, time.time()
        self._samples: dict[str, list[Sample]] = defaultdict(list)

    @staticmethod
    def processes(kind: str) -> list[psutil.Process]:
        """The web's: "web process", or "web: first process", which starts them."""
        found = []
        for process in psutil.Process().children():
            try:
                if "gunicorn" in " ".join(process.cmdline()):
                    found += [process] if kind == "web: first process" else process.children()
            except psutil.Error:
                continue
        return found

    def sample(self) -> None:
        """Look once at all of them."""
        for kind in ("web: first process", "web process"):
            self._look(kind, self.processes(kind))
        for kind in PARTS:
            self._look(
                kind, [psutil.Process(pid) for pid in self._cluster.living(kind) if psutil.pid_exists(pid)]
            )

    def _look(self, kind: str, processes: list[psutil.Process]) -> None:
        now = time.time()
        for process in processes:
            try:
                memory = process.memory_full_info()
                age = now - process.create_time()
            except psutil.Error:
                continue
            hours = (now - self._began) / 3600
            sample = Sample(process.pid, hours, age, memory.rss / MIB, memory.uss / MIB)
            self._samples[kind].append(sample)

    def figures(self) -> dict[str, dict[str, float]]:
        """By kind: how often it was looked at, MiB (median and most, resident and private), and MiB an hour
        that it grew.

        What lives long is compared with itself only, once it is warm ("by age"): restarts would bend the line
        by the time. Its private memory grows without its taking any more when a process it was forked with
        ends, so the lesser of private and resident counts. What is replaced again and again, as workers and
        web processes are, can only grow from one to the next, so all looks at its private memory count, by
        the time. "grows" is the one that says it.
        """
        watched = max((each.hours for samples in self._samples.values() for each in samples), default=0.0)
        found = {}
        for kind, samples in self._samples.items():
            warm = [each for each in samples if each.age >= self._warm_up]
            oldest = max(each.age for each in samples) / 3600
            lives_long = len(warm) >= len(samples) / 10 and oldest >= watched * LONG
            warm = warm if lives_long else samples
            resident = np.array([each.resident for each in warm])
            private = np.array([each.private for each in warm])
            hours = np.array([each.hours for each in warm])
            slope = _slope(hours, private)
            pids = [each.pid for each in warm]
            by_age = _slope_within(pids, hours, private)
            resident_by_age = _slope_within(pids, hours, resident)
            found[kind] = {
                "processes": len({each.pid for each in samples}),
                "samples": len(warm),
                "resident": float(np.median(resident)),
                "resident, most": float(resident.max()),
                "private": float(np.median(private)),
                "private, most": float(private.max()),
                "slope": slope,
                "slope, by age": by_age,
                "resident, by age": resident_by_age,
                "grows": min(by_age, resident_by_age) if lives_long else slope,
            }
        return found


def _slope_within(pids: list[int], hours: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """MiB an hour, each process compared with itself only."""
    hours, values = hours.copy(), values.copy()
    for pid in set(pids):
        those = np.array(pids) == pid
        hours[those] -= hours[those].mean()
        values[those] -= values[those].mean()
    return _slope(hours, values)


def _slope(hours: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Of the line through them (least squares); 0 where there is no telling."""
    hours = hours - hours.mean()
    spread = float((hours**2).sum())
    return float((hours * (values - values.mean())).sum() / spread) if spread else 0.0
