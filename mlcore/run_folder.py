"""A run's folder.

``config.json``, ``environment.json`` (one entry each time the run was started), ``log.jsonl`` (a line an
epoch), ``best.safetensors`` and ``last.safetensors`` (for use), ``state.pt`` (for resuming), the curves as
PNG, and ``samples/epoch-NNN.png``.
"""

import json
from pathlib import Path
from typing import Any

import torch

from mlcore.atomic_files import write_text
from mlcore.checkpoints import save_generator
from mlcore.environment import describe
from mlcore.guards import disk_full_told
from mlcore.images import Bytes, save_png
from mlcore.pix2pix import Pix2Pix
from mlcore.plots import plot_run
from mlcore.run_state import RunState, save_state

LOG = "log.jsonl"
ENVIRONMENT = "environment.json"
LAST = "last.safetensors"
BEST = "best.safetensors"
CONFIG = "config.json"
SAMPLES = "samples"


def open_folder(folder: Path, state: RunState, device: torch.device) -> None:
    """Make the folder and write what is known before the first update."""
    with disk_full_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(folder / CONFIG, state.config.as_dict())
        known = folder / ENVIRONMENT
        starts = json.loads(known.read_text(encoding="utf-8")) if known.is_file() else []
        _write_json(known, [*starts, {"after_epoch": state.epoch, "step": state.step, **describe(device)}])
        # As the state has it: a crash may have left the log a line ahead or behind.
        write_text(folder / LOG, "".join(json.dumps(line) + "\n" for line in state.history))


def keep_epoch(
    folder: Path,
    state: RunState,
    model: Pix2Pix,
    randoms: list[dict[str, Any]],
    *,
    samples: Bytes | None = None,
    resumable: bool = True,
) -> None:
    """Checkpoints first, then the state that counts the epoch as done, then what follows from it: if the disk
    is full or power fails at any point, what is there is whole and the run goes on from it.

    ``resumable``: write the state, ten times as large as the checkpoints, too; else the one before stays."""
    line = state.history[-1]
    metadata = {
        "epoch": state.epoch,
        "val": line.get("val"),
        "config": state.config.as_dict(),
        "seconds": round(state.trained_seconds, 1),
        "began_with": state.began_with,
    }
    with disk_full_told(folder):
        name = state.config.generator
        save_generator(folder / LAST, model.for_use, metadata, name=name)
        if "val" in line and line["val"]["mean"]["psnr"] > state.best:
            state.best = line["val"]["mean"]["psnr"]
            save_generator(folder / BEST, model.for_use, metadata, name=name)
        if resumable:
            save_state(folder, state, model, randoms)
        with (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        if samples is not None:
            (folder / SAMPLES).mkdir(exist_ok=True)
            save_png(folder / SAMPLES / f"epoch-{state.epoch:03d}.png", samples)


def draw_curves(folder: Path) -> None:
    """Losses and figures so far as PNG, from the log."""
    with disk_full_told(folder):
        plot_run(folder / LOG, folder)


def keep_step(folder: Path, state: RunState, model: Pix2Pix, randoms: list[dict[str, Any]]) -> None:
    """The state within an epoch; the files for use stay those of the epoch before."""
    with disk_full_told(folder):
        save_state(folder, state, model, randoms)


def last_good(folder: Path, state: RunState) -> str:
    """A sentence that names the checkpoint to go on from."""
    if not state.epoch:
        return "No epoch was finished before, so there is no checkpoint."
    return f"The last good checkpoint is {folder / LAST} of epoch {state.epoch}."


def _write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=2) + "\n")
