"""Named sets of training parameters."""

from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from mlcore.dataset import Augmentation

CHOICES = {"optimiser": ("adam", "adamw"), "precision": ("fp32", "bf16", "fp16")}


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training.

    ``epochs``: how many. ``generator_updates`` : ``discriminator_updates`` is the paper's ratio, the
    generator on the left: at 3:1 it learns three times for each time that the discriminator learns. With 0
    discriminator updates the adversarial loss is off. ``find_only``: train the damage finder alone.
    ``fill_only``: train the refiner alone, on true masks and on those that the finder gives, which stays as
    it is. ``frozen_norm``: batch normalisation keeps its running figures, as in use, instead of a batch's
    own; for networks that have been trained already.
    """

    epochs: int
    generator_updates: int = 1
    discriminator_updates: int = 1
    find_only: bool = False
    fill_only: bool = False
    frozen_norm: bool = False

    @property
    def ratio(self) -> str:
        """Generator:discriminator, as the paper writes it: "2:1"."""
        return f"{self.generator_updates}:{self.discriminator_updates}"

    @property
    def label(self) -> str:
        """In the log: "find", "fill" or the ratio."""
        return "find" if self.find_only else "fill" if self.fill_only else self.ratio


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that shapes a run; stored with its checkpoints.

    generator              name in ``mlcore.networks.GENERATORS``
    generator_options      keyword arguments of that generator
    phases                 in order; their epochs add up to the run's
    batch_size             pictures in memory at a time, over all processes
    accumulate             batches an update: it learns from accumulate x batch_size pictures
    images_per_epoch       pictures; None: every pair once
    optimiser              "adam" or "adamw", each fused
    learning_rate, beta1   the optimiser's; beta2 is 0.999
    weight_decay           the optimiser's
    clip_norm              longest gradient of a network, over all its weights; 0: any length
    ema                    decay an update of the averaged weights, which are validated and written for use;
                           0: the last weights are
    discriminator_rate     the discriminator's learning rate as a share of the generator's
    cosine                 let the learning rate fall to nothing along a half cosine over the whole run
    lambda_l1              weight of the L1 loss against the adversarial one
    lambda_hole            weight of the L1 loss inside the damage, on what the refiner would put there
    lambda_mask            weight of the finder's loss: binary cross-entropy plus lambda_dice times Dice
    lambda_log             weight of the logarithm of each picture's squared error (``losses.log_error``)
    tell_mask              share of batches in which the filling is told the true mask, so that it learns
                           even while the finder is poor
    taught                 share of a teacher's verdict in what the finder's cross-entropy aims at, the true
                           mask has the rest; 0: no teacher
    augmentation           see ``mlcore.dataset.Augmentation``
    precision              "fp32", "bf16" or "fp16" (autocast; only where the processor has it in hardware)
    compile                let torch.compile fuse operations: minutes to begin with, faster steps after
    deterministic          only operations that give the same bits again on a GPU too (a CPU's always do)
    seed                   of order, variation and first weights
    validate_every         epochs
    """

    generator: str = "find_fill_refine"
    generator_options: dict[str, Any] = field(default_factory=dict)
    phases: tuple[Phase, ...] = (Phase(100),)
    batch_size: int = 32
    accumulate: int = 1
    images_per_epoch: int | None = None
    optimiser: str = "adam"
    learning_rate: float = 2e-4
    beta1: float = 0.5
    weight_decay: float = 0.0
    clip_norm: float = 0.0
    ema: float = 0.0
    discriminator_rate: float = 1.0
    cosine: bool = False
    lambda_l1: float = 100.0
    lambda_hole: float = 0.0
    lambda_mask: float = 0.0
    lambda_dice: float = 1.0
    lambda_log: float = 0.0
    tell_mask: float = 0.0
    taught: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: str = "fp32"
    compile: bool = False
    deterministic: bool = False
    seed: int = 0
    validate_every: int = 1

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}")
        for name in ("batch_size", "accumulate", "validate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.ema < 1:
            raise ValueError(f"ema must lie in [0, 1), got {self.ema}")
        if min(self.clip_norm, self.weight_decay, self.learning_rate) < 0:
            raise ValueError("clip_norm, weight_decay and learning_rate cannot be negative")

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

    def epochs_left(self, done: int) -> tuple[int, ...]:
        """Of each phase the epochs that come after the first ``done``."""
        left = []
        for phase in self.phases:
            left.append(max(phase.epochs - done, 0))
            done = max(done - phase.epochs, 0)
        return tuple(left)

    def with_epochs_after(self, done: int, epochs: int) -> "TrainConfig":
        """``with_epochs``, for what comes after the first ``done`` epochs: the same until then, ``epochs``
        more after it."""
        left = self.epochs_left(done)
        rest = tuple(
            replace(phase, epochs=count) for phase, count in zip(self.phases, left, strict=True) if count
        )
        lengths = iter(replace(self, phases=rest).with_epochs(epochs).phases)
        phases = tuple(
            replace(phase, epochs=phase.epochs - count + (next(lengths).epochs if count else 0))
            for phase, count in zip(self.phases, left, strict=True)
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


# Find, fill, refine, composite: the finder first, then the refiner, then both, the adversarial loss late.
_DEFAULT = TrainConfig(
    phases=(
        Phase(22, 1, 0, find_only=True),
        Phase(16, 1, 0, fill_only=True),
        Phase(18, 1, 0),
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
    lambda_dice=0.2,
    tell_mask=0.4,
    augmentation=Augmentation(crop=128, zoom=0.35, flip=0.5, grey=0.25, grain=0.33),
    validate_every=5,
)

# Damage is laid on in training (--clean): aged looks come with it.
_ON_THE_WAY = replace(
    _DEFAULT,
    optimiser="adamw",
    weight_decay=1e-4,
    ema=0.99,
    augmentation=replace(_DEFAULT.augmentation, looks=0.1, intact=0.1),
)

# Parts that are trained already go on: on larger crops with fewer looks, in the geometry and with the
# statistics of use. What counts is each picture's logarithmic error, so that false alarms are dear.
_GOING_ON = replace(
    _ON_THE_WAY,
    batch_size=4,
    images_per_epoch=200,
    lambda_l1=50.0,
    augmentation=replace(
        _ON_THE_WAY.augmentation,
        crop=192,
        zoom=0.3,
        grey=0.2,
        grain=0.2,
        looks=0.05,
        intact=0.12,
        second=0.1,
        own=0.65,
    ),
)

# Leaner networks (see ``mlcore.networks.lean``): a sixth of the default's multiplications.
LEAN: dict[str, Any] = {
    "finder": {"widths": [24, 48, 96, 128], "down": [1, 1, 1, 3], "up": [1, 1, 1], "entry": 6},
    "refiner": {"widths": [8, 24, 48, 96], "down": [0, 1, 1, 1], "up": [0, 1, 1]},
    "relaxations": 2,
}

_LEAN_FILL = replace(
    _GOING_ON,
    phases=(Phase(55, 1, 0, fill_only=True), Phase(40, 1, 0, fill_only=True, frozen_norm=True)),
    validate_every=10,
    learning_rate=1.5e-3,
    ema=0.998,
    lambda_hole=3.0,
    lambda_log=3.0,
    tell_mask=0.1,
)

# One GPU of the H200's kind, damage drawn on the way (--clean): each part first with the statistics of its
# batches, then with those of use; the adversarial loss late. Epochs of seconds, so that a lease of ten
# minutes is a piece of the run (--max-minutes 9, then --resume).
_ACCELERATOR = replace(
    _GOING_ON,
    phases=(
        Phase(35, 1, 0, find_only=True),
        Phase(20, 1, 0, find_only=True, frozen_norm=True),
        Phase(15, 1, 0, fill_only=True),
        Phase(10, 1, 0, fill_only=True, frozen_norm=True),
        Phase(30, 1, 0, frozen_norm=True),
        Phase(4, 1, 1, frozen_norm=True),
        Phase(3, 2, 1, frozen_norm=True),
        Phase(3, 3, 1, frozen_norm=True),
    ),
    batch_size=64,
    images_per_epoch=12_800,
    clip_norm=1.0,
    ema=0.998,
    lambda_hole=3.0,
    lambda_log=2.0,
    lambda_dice=0.1,
    tell_mask=0.1,
    # Pictures of the bank have 256 pixels: crops of as many would never move.
    augmentation=replace(_GOING_ON.augmentation, crop=224),
    precision="bf16",
    compile=True,
)

# Abdillah and Mulyono (2025), and Isola et al. (2017) for what they leave out.
_PAPER = TrainConfig(generator="unet_256", phases=(Phase(34, 1, 1), Phase(33, 2, 1), Phase(33, 3, 1)))

PRESETS: dict[str, TrainConfig] = {
    "default": _DEFAULT,
    # Parts of a model apart, damage drawn on the way (--clean): the finder; the refiner on true masks and on
    # those of the finder it was given; then both (--init REFINED --init-finder FOUND).
    "find": replace(_ON_THE_WAY, phases=(Phase(44, 1, 0, find_only=True),), learning_rate=7e-4),
    "fill": replace(_ON_THE_WAY, phases=(Phase(30, 1, 0, fill_only=True),), lambda_hole=10.0, tell_mask=0.6),
    "join": replace(
        _ON_THE_WAY,
        phases=(Phase(5, 1, 0), Phase(1, 1, 1), Phase(1, 2, 1), Phase(1, 3, 1)),
        learning_rate=3e-4,
        tell_mask=0.2,
        validate_every=1,
    ),
    # A trained finder goes on (--init), then its refiner, mostly on what that finder gives.
    "find_on": replace(
        _GOING_ON,
        phases=(Phase(72, 1, 0, find_only=True, frozen_norm=True),),
        learning_rate=7e-4,
        ema=0.998,
        lambda_log=2.0,
        lambda_dice=0.1,
    ),
    "fill_on": replace(
        _GOING_ON,
        phases=(Phase(12, 1, 0, fill_only=True, frozen_norm=True),),
        learning_rate=5e-4,
        lambda_hole=3.0,
        lambda_log=3.0,
        tell_mask=0.1,
    ),
    # A lean refiner for a finder of the default's kind (--init-finder).
    "lean_refiner": replace(_LEAN_FILL, generator_options={"refiner": LEAN["refiner"], "relaxations": 3}),
    # A lean finder from nothing, which learns from a finder that has been trained longer (--teacher); then
    # its refiner (--init-finder).
    "lean_find": replace(
        _GOING_ON,
        generator_options=LEAN,
        phases=(Phase(150, 1, 0, find_only=True), Phase(80, 1, 0, find_only=True, frozen_norm=True)),
        validate_every=10,
        learning_rate=2e-3,
        ema=0.998,
        lambda_log=2.0,
        lambda_dice=0.1,
        taught=0.6,
    ),
    "lean_fill": replace(_LEAN_FILL, generator_options=LEAN),
    "accelerator": _ACCELERATOR,
    # The same for the lean network, from nothing and without a teacher.
    "accelerator_lean": replace(_ACCELERATOR, generator_options=LEAN),
    "paper": _PAPER,
    # The paper's text gives the three ratios in both orders; this one begins with the busiest generator.
    "paper_reversed": replace(_PAPER, phases=(Phase(34, 3, 1), Phase(33, 2, 1), Phase(33, 1, 1))),
}
