"""Runs of train_pix2pix as their folders tell: how far each is, while it trains and afterwards.

Read by the web process, so nothing of torch is loaded: two small files of text. Of a run's config only what
shapes the training is shown, nothing of where on the machine its pictures lie.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mlcore.run_log import EpochRecord, read_epochs

CONFIG, LOG, STATE = "config.json", "log.jsonl", "state.pt"
SHEETS = "samples"
SHEET_NAME = re.compile(r"epoch-(\d{3,})\.png")
SHOWN_OPTIONS = (
    "generator",
    "batch_size",
    "images_per_epoch",
    "optimiser",
    "learning_rate",
    "precision",
    "seed",
)
RUNS_SHOWN = 100
"""The newest; whoever keeps more looks into the folder."""
SILENCE = timedelta(minutes=15)
"""A run that has written nothing for so long, and for three of its longest epochs, has stopped."""


class RunStatus(models.TextChoices):
    """How a run stands, as far as its files say."""

    TRAINING = "training", _("In training")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")


@dataclass(frozen=True, slots=True)
class Best:
    """The epoch whose validation had the highest mean PSNR (dB), and its SSIM if it was measured."""

    epoch: int
    psnr: float
    ssim: float | None


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run of `epochs` epochs, of which `epoch` are done. `seconds`: the time that these took, on average.

    `log` is as ModelVersion.training_log has it; `sheets` are the epochs that have a contact sheet.
    """

    name: str
    status: RunStatus
    epoch: int
    epochs: int
    started_at: datetime
    last_sign_at: datetime
    seconds: float | None
    best: Best | None
    options: dict[str, Any]
    log: list[dict[str, Any]]
    sheets: list[int]

    @property
    def remaining(self) -> timedelta | None:
        """Time until the end, if the epochs to come take as long as those before; None unless it trains."""
        if self.status != RunStatus.TRAINING or self.seconds is None:
            return None
        return timedelta(seconds=round(self.seconds * (self.epochs - self.epoch)))

    @property
    def mark(self) -> str:
        """Another one as soon as there is anything new to tell."""
        return f"{self.epoch}-{self.status}-{len(self.sheets)}"


def training_runs() -> list[TrainingRun]:
    """The newest first, at most RUNS_SHOWN; folders that are no run, or cannot be read, are left out."""
    newest = sorted(_folders(), key=_last_sign, reverse=True)[:RUNS_SHOWN]
    return [run for folder in newest if (run := _read(folder))]


def training_run(name: str) -> TrainingRun | None:
    """The run in the folder of this name, if there is one."""
    # Looked up among those that are there: no name leads out of the folder.
    return next((_read(folder) for folder in _folders() if folder.name == name), None)


def contact_sheet(name: str, epoch: int) -> Path | None:
    """The PNG of pictures that the run restored after an epoch."""
    for folder in _folders():
        if folder.name == name and epoch in _sheets(folder):
            return folder / SHEETS / f"epoch-{epoch:03d}.png"
    return None


def _folders() -> Iterator[Path]:
    root = Path(settings.PULIH_RUNS_DIR)
    if root.is_dir():
        for folder in root.iterdir():
            if (folder / CONFIG).is_file() and (folder / LOG).is_file() and not folder.is_symlink():
                yield folder


def _read(folder: Path) -> TrainingRun | None:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        epochs = sum(int(phase["epochs"]) for phase in config["phases"])
        records = read_epochs(folder / LOG)
        lengths = _lengths(folder / LOG)
        best = _best(records)
        started_at = _moment((folder / CONFIG).stat().st_mtime)
        last_sign_at = _moment(_last_sign(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    epoch = records[-1].epoch if records else 0
    return TrainingRun(
        name=folder.name,
        status=_status(epoch, epochs, last_sign_at, lengths),
        epoch=epoch,
        epochs=epochs,
        started_at=started_at,
        last_sign_at=last_sign_at,
        seconds=sum(lengths) / len(lengths) if lengths else None,
        best=best,
        options={name: config[name] for name in SHOWN_OPTIONS if config.get(name) is not None},
        log=[asdict(record) for record in records],
        sheets=_sheets(folder),
    )


def _status(epoch: int, epochs: int, last_sign_at: datetime, lengths: list[float]) -> RunStatus:
    if epoch >= epochs:
        return RunStatus.FINISHED
    patience = max(SILENCE, timedelta(seconds=3 * max(lengths, default=0.0)))
    return RunStatus.TRAINING if timezone.now() - last_sign_at < patience else RunStatus.STOPPED


def _best(records: list[EpochRecord]) -> Best | None:
    means = [(record.epoch, record.validation.get("mean", {})) for record in records]
    measured = [
        Best(epoch, mean["psnr"], mean.get("ssim"))
        for epoch, mean in means
        if math.isfinite(mean.get("psnr", math.nan))
    ]
    return max(measured, key=lambda best: best.psnr, default=None)


def _lengths(log: Path) -> list[float]:
    """Seconds of every epoch; a line that is being written just now is left out."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            seconds = json.loads(line).get("seconds")
        except ValueError:
            continue
        if isinstance(seconds, int | float):
            found.append(float(seconds))
    return found


def _sheets(folder: Path) -> list[int]:
    sheets = folder / SHEETS
    names = (SHEET_NAME.fullmatch(path.name) for path in sheets.iterdir()) if sheets.is_dir() else ()
    return sorted(int(name.group(1)) for name in names if name)


def _last_sign(folder: Path) -> float:
    """Seconds since 1970 at which the run last wrote anything."""
    return max((folder / name).stat().st_mtime for name in (CONFIG, LOG, STATE) if (folder / name).exists())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
