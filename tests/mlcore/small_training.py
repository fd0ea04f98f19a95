"""A small network of three parts and its judge, taught a few times by batches made in memory."""

from __future__ import annotations

import torch
from torch import Tensor

from mlcore.dataset import Augmentation, Sample
from mlcore.distributed import Team
from mlcore.networks import PatchGAN, build_generator
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import Phase, TrainConfig
from tests.mlcore.memory_source import MemorySource

PHASES = (Phase(1, 1, 0, find_only=True), Phase(1, 1, 0, fill_only=True), Phase(1, 1, 1))
SMALL = TrainConfig(
    generator_options={"base_channels": 4, "depth": 3, "max_channels": 8},
    phases=PHASES,
    batch_size=2,
    lambda_hole=10.0,
    lambda_mask=10.0,
    augmentation=Augmentation(crop=32),
)


def small_model(config: TrainConfig, device: torch.device | str = "cpu") -> Pix2Pix:
    """The same first weights for the same network, wherever it is placed."""
    torch.manual_seed(0)
    generator = build_generator(config.generator, **config.generator_options)
    return Pix2Pix(generator, PatchGAN(base_channels=4), config, Team(device=torch.device(device)))


def teach(model: Pix2Pix, *, rounds: int = 2) -> list[dict[str, float]]:
    """Losses of an update in each phase, and again; the same batches for every model."""
    told = []
    for index in range(rounds):
        for phase in PHASES:
            batch = Sample(*(part.to(model.device) for part in MemorySource(side=32).batch(1, index)))
            named: dict[str, Tensor] = model.step([batch], phase, index)
            told.append({name: loss.item() for name, loss in named.items()})
    return told
