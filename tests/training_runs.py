"""Folders as train_pix2pix writes them, made in a moment."""

from __future__ import annotations

import json
from pathlib import Path

from tests import pictures

DATA_FOLDER = "/home/somebody/pictures"


def write_training_run(folder: Path, *, epochs: int = 3, done: int = 2) -> Path:
    """A run of `epochs` epochs of which `done` are finished, with a contact sheet of the last one."""
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    config = {
        "generator": "unet_256",
        "phases": [{"epochs": epochs - 1}, {"epochs": 1}],
        "batch_size": 4,
        "images_per_epoch": None,
        "learning_rate": 0.0002,
        "data": DATA_FOLDER,
    }
    (folder / "config.json").write_text(json.dumps(config))
    lines = [
        {
            "kind": "epoch",
            "epoch": epoch,
            "phase": "1:1",
            "losses": {"G_GAN": 0.75, "G_L1": 0.125},
            "seconds": 90.0,
            "val": {level: {"psnr": 24.5 + epoch, "ssim": 0.9125} for level in ("light", "mean")},
        }
        for epoch in range(1, done + 1)
    ]
    (folder / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    sheet = folder / "samples" / f"epoch-{done:03d}.png"
    sheet.write_bytes(pictures.png(pictures.portrait(192, 64)))
    return folder
