"""One of the processes that torchrun starts in ``test_training_team``; alone it is the run to compare with.

python tests/mlcore/team_run.py FOLDER
"""

import sys
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from mlcore import run_setup
from mlcore.dataset import Augmentation
from mlcore.distributed import joined_team
from mlcore.networks import GENERATORS, Generator, GeneratorOutput, PatchGAN
from mlcore.presets import Phase, TrainConfig
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource

SEEN_ALONE = TrainConfig(
    generator="seen_alone",
    phases=(Phase(2, 1, 1),),
    batch_size=4,
    ema=0.9,
    clip_norm=1.0,
    accumulate=2,
    learning_rate=0.01,
)
NORMALISED = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 8, "depth": 5, "max_channels": 16},
    phases=(Phase(1, 1, 1), Phase(3, 2, 1)),
    batch_size=4,
    augmentation=Augmentation(crop=32),
)


class SeenAlone(Generator):
    """No batch normalisation: a picture's share of the gradient does not depend on the others."""

    stride = 1

    def __init__(self) -> None:
        super().__init__()
        self.options = {}
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1))

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        return GeneratorOutput(self.layers(degraded))


class JudgedAlone(PatchGAN):
    """Likewise."""

    def __init__(self) -> None:
        super().__init__(base_channels=4)
        for name, layer in list(self.layers.named_children()):
            if isinstance(layer, nn.BatchNorm2d):
                setattr(self.layers, name, nn.Identity())


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    GENERATORS["seen_alone"] = SeenAlone
    with joined_team() as team:
        source = MemorySource(batch_size=4, count=4, side=32, shard=team.shard)
        run_setup.PatchGAN = JudgedAlone  # type: ignore[attr-defined]
        train(source, [], folder / "seen-alone", SEEN_ALONE, team=team)
        run_setup.PatchGAN = partial(PatchGAN, base_channels=8)  # type: ignore[attr-defined]
        train(source, [], folder / "normalised", NORMALISED, team=team)
        asked = iter(range(1, 100))
        stopping = folder / "stopped"
        train(source, [], stopping, NORMALISED, team=team, should_stop=lambda: next(asked) == 6)
        train(source, [], stopping, resume=True, team=team)


if __name__ == "__main__":
    main()
