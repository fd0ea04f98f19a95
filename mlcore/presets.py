"""Named sets of training parameters."""

from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from mlcore.dataset import Augmentation


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training.

    ``epochs``: how many. ``generator_updates`` : ``discriminator_updates`` is the paper's ratio; with 0
    discriminator updates the adversarial loss is off. ``find_only``: train the damage finder alone.
    """

    epochs: int
    generator_updates: int = 1
    discriminator_updates: int = 1
    find_only: bool = False

    @property
    def ratio(self) -> str:
        """As the paper writes it, "2:1"."""
        return f"{self.generator_updates}:{self.discriminator_updates}"


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that shapes a run; stored with its checkpoints.

    generator              name in ``mlcore.networks.GENERATORS``
    generator_options      keyword arguments of that generator
    phases                 in order; their epochs add up to the run's
    batch_size             pictures
    images_per_epoch       pictures; None: every pair once
    learning_rate, beta1   Adam's; beta2 is 0.999
    discriminator_rate     the discriminator's learning rate as a share of the generator's
    cosine                 let the learning rate fall to nothing along a half cosine over the whole run
    lambda_l1              weight of the L1 loss against the adversarial one
    lambda_hole            weight of the L1 loss inside the damage, on what the refiner would put there
    lambda_mask            weight of the finder's binary cross-entropy plus Dice loss
    tell_mask              share of batches in which the filling is told the true mask, so that it learns
                           even while the finder is poor
    augmentation           see ``mlcore.dataset.Augmentation``
    precision              "fp32" or "bf16" (autocast; only where the processor has it in hardware)
    seed                   of order, variation and first weights
    validate_every         epochs
    """

    generator: str = "find_fill_refine"
    generator_options: dict[str, Any] = field(default_factory=dict)
    phases: tuple[Phase, ...] = (Phase(100),)
    batch_size: int = 32
    images_per_epoch: int | None = None
    learning_rate: float = 2e-4
    beta1: float = 0.5
    discriminator_rate: float = 1.0
    cosine: bool = False
    lambda_l1: float = 100.0
    lambda_hole: float = 0.0
    lambda_mask: float = 0.0
    tell_mask: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: str = "fp32"
    seed: int = 0
    validate_every: int = 1

    @property
    def epochs(self) -> int:
        """Of all phases together."""
        return sum(phase.epochs for phase in self.phases)

    def phase_of(self, epoch: int) -> Phase:
        """The phase that an epoch (from 1) lies in."""
        for phase in self.phases:
            if epoch <= phase.epochs:
                return phase
            epoch -= phase.epochs
        raise ValueError("epoch lies behind the last phase")

    def with_epochs(self, epochs: int) -> "TrainConfig":
        """The same recipe over another number of epochs, its phases in proportion, none left empty."""
        if epochs < len(self.phases):
            raise ValueError(f"{len(self.phases)} phases need at least as many epochs, got {epochs}")
        bounds = [0]
        for number in range(1, len(self.phases) + 1):
            reached = sum(other.epochs for other in self.phases[:number])
            left = len(self.phases) - number
            bounds.append(min(max(round(reached * epochs / self.epochs), bounds[-1] + 1), epochs - left))
        lengths = [after - before for before, after in pairwise(bounds)]
        phases = tuple(
            replace(phase, epochs=length) for phase, length in zip(self.phases, lengths, strict=True)
        )
        return replace(self, phases=phases)

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**asdict(self), "phases": [asdict(phase) for phase in self.phases]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TrainConfig":
        """The inverse of ``as_dict``. Raises ``ValueError`` for a field that does not exist."""
        unknown = set(values) - {entry.name for entry in fields(cls)}
        if unknown:
            raise ValueError(f"unknown training parameters: {', '.join(sorted(unknown))}")
        return cls(
            **{
                **values,
                "phases": tuple(Phase(**phase) for phase in values["phases"]),
                "augmentation": Augmentation(**values["augmentation"]),
            }
        )


# Find, fill, refine, composite: the finder first, then L1, the adversarial loss late.
_DEFAULT = TrainConfig(
    phases=(
        Phase(22, 1, 0, find_only=True),
        Phase(34, 1, 0),
        Phase(2, 1, 1),
        Phase(2, 2, 1),
        Phase(2, 3, 1),
    ),
    batch_size=8,
    images_per_epoch=400,
    learning_rate=1e-3,
    beta1=0.9,
    discriminator_rate=0.2,
    cosine=True,
    lambda_hole=30.0,
    lambda_mask=20.0,
    tell_mask=0.4,
    augmentation=Augmentation(crop=128, zoom=0.35, flip=0.5, grey=0.25, grain=0.33),
    validate_every=5,
)

PRESETS: dict[str, TrainConfig] = {
    "default": _DEFAULT,
    # For --init: go on from weights whose finder has had its own phase.
    "continued": replace(_DEFAULT, phases=_DEFAULT.phases[1:], learning_rate=6e-4),
    # For --init: teach the finder more, then let the filling get used to it.
    "finder": replace(_DEFAULT, phases=(Phase(20, 1, 0, find_only=True), Phase(2, 1, 0), Phase(1, 3, 1))),
    # Abdillah and Mulyono (2025), and Isola et al. (2017) for what they leave out.
    "paper": TrainConfig(
        generator="unet_256",
        phases=(Phase(34, 1, 1), Phase(33, 2, 1), Phase(33, 3, 1)),
    ),
}
