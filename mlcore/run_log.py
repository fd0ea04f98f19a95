"""The log of a training run, read: light enough for whoever only wants to see how far a run is."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One finished epoch of the log.

    ``losses`` maps a loss's name to its mean over the epoch; ``validation`` maps a damage level (and "mean")
    to its metrics ("psnr" in dB, "ssim" 0 to 1) and is empty where the epoch was not validated.
    """

    epoch: int
    phase: str
    losses: dict[str, float]
    validation: dict[str, dict[str, float]]


def read_epochs(log_path: Path) -> list[EpochRecord]:
    """Read the epochs of a training log, in order of their number; lines of other kinds are ignored.

    An epoch that occurs twice (a run resumed from before it) counts as it was the last time. A last line that
    is cut short (the run was killed while writing it) is left out; a broken line before it raises ValueError
    with its number.
    """
    lines = log_path.read_text(encoding="utf-8").splitlines()
    epochs: dict[int, EpochRecord] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):
                break
            raise ValueError(f"{log_path.name}, line {number}: not JSON ({error.msg})") from error
        if entry.get("kind") == "epoch":
            record = _epoch_record(entry)
            epochs[record.epoch] = record
    return [epochs[epoch] for epoch in sorted(epochs)]


def _epoch_record(entry: dict[str, Any]) -> EpochRecord:
    return EpochRecord(
        epoch=int(entry["epoch"]),
        phase=str(entry.get("phase", "")),
        losses=dict(entry.get("losses") or {}),
        validation={level: dict(metrics) for level, metrics in (entry.get("val") or {}).items()},
    )
