"""One update: ratios, losses, accumulation, clipping, averaged weights, precisions."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from mlcore import losses
from mlcore.dataset import Augmentation, Sample
from mlcore.distributed import Team
from mlcore.ema import WeightAverage
from mlcore.networks import Generator, GeneratorOutput, PatchGAN, build_generator
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import Phase, TrainConfig
from tests.mlcore.memory_source import MemorySource

TINY_UNET = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 2, "depth": 5, "max_channels": 4},
    augmentation=Augmentation(crop=64),
)


class OneLayer(Generator):
    """No batch normalisation, so a batch's pictures do not see each other."""

    stride = 1

    def __init__(self, *, normed: bool = False) -> None:
        super().__init__()
        self.options = {}
        norm = nn.BatchNorm2d(3) if normed else nn.Identity()
        self.layers = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), norm)

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        return GeneratorOutput(self.layers(degraded))


def tiny_model(config: TrainConfig, make: Callable[[], Generator] | None = None) -> Pix2Pix:
    torch.manual_seed(0)
    generator = make() if make else build_generator(config.generator, **config.generator_options)
    judge = PatchGAN(base_channels=2)
    if isinstance(generator, OneLayer):
        for name, layer in judge.layers.named_children():
            if isinstance(layer, nn.BatchNorm2d):
                setattr(judge.layers, name, nn.Identity())
    return Pix2Pix(generator, judge, config, Team())


def weights(network: nn.Module) -> Tensor:
    return torch.cat([entry.detach().reshape(-1) for entry in network.parameters()]).clone()


def updates(optimiser: torch.optim.Optimizer) -> int:
    return int(next(iter(optimiser.state_dict()["state"].values()))["step"])


@pytest.mark.parametrize(
    ("phase", "expected"),
    [(Phase(1, 1, 1), 6), (Phase(1, 2, 1), 3), (Phase(1, 3, 1), 2), (Phase(1, 1, 2), 12)],
)
@pytest.mark.parametrize("accumulate", [1, 2])
def test_update_ratio(phase: Phase, expected: int, accumulate: int) -> None:
    """Six updates: the generator learns at each, the discriminator in the ratio of the phase."""
    model = tiny_model(TINY_UNET)
    batches = [MemorySource().batch(1, number) for number in range(accumulate)]
    for index in range(6):
        model.step(batches, phase, index)
    assert updates(model.generator_learner.optimiser) == 6
    assert updates(model.discriminator_learner.optimiser) == expected


@pytest.mark.parametrize(("part", "other"), [("find_only", "fill_only"), ("fill_only", "find_only")])
def test_a_phase_for_one_part_leaves_the_other_as_it_is(part: str, other: str) -> None:
    """Weights and running statistics alike, whether the true mask is told or not."""
    config = TrainConfig(
        generator_options={"base_channels": 2, "depth": 5},
        lambda_mask=1.0,
        lambda_hole=1.0,
        optimiser="adamw",
    )
    model = tiny_model(config)
    names = {"find_only": "finder.", "fill_only": "refiner."}
    before = {name: value.clone() for name, value in model.generator.state_dict().items()}
    for told in (True, False):
        model.step([MemorySource().batch(1, 0)], Phase(1, 1, 0, **{part: True}), 0, tell_mask=told)
    after = model.generator.state_dict()
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert any(name.startswith(names[part]) for name in changed)
    assert not any(name.startswith(names[other]) for name in changed)


def test_a_generator_of_one_piece_has_no_filling_to_train_alone() -> None:
    model = tiny_model(TINY_UNET)
    with pytest.raises(ValueError, match="no filling to train alone"):
        model.step([MemorySource().batch(1, 0)], Phase(1, 1, 0, fill_only=True), 0)


def halves(batch: Sample) -> list[Sample]:
    return [Sample(*(part[start : start + 2] for part in batch)) for start in (0, 2)]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_two_small_batches_teach_what_one_large_one_does(precision: str) -> None:
    """Without batch normalisation; the discriminator's turn comes before or after the generator's, so each is
    looked at in a phase or an update in which the other does not matter."""
    config = replace(TINY_UNET, learning_rate=0.05, precision=precision)
    whole, parts = (tiny_model(config, OneLayer) for _ in range(2))
    batch = MemorySource(batch_size=4).batch(1, 1)
    for number, phase in enumerate((Phase(1, 1, 0), Phase(1, 1, 0))):
        one = whole.step([batch], phase, number)
        two = parts.step(halves(batch), phase, number)
        assert one["G_L1"].item() == pytest.approx(two["G_L1"].item(), rel=1e-3)
    tolerance = 1e-5 if precision == "fp32" else 1e-2
    assert torch.allclose(weights(whole.generator), weights(parts.generator), atol=tolerance)
    # Their generators being equal still, one turn of the discriminators.
    begun = weights(whole.discriminator)
    whole.step([batch], Phase(1, 1, 1), 0)
    parts.step(halves(batch), Phase(1, 1, 1), 0)
    assert not torch.equal(begun, weights(whole.discriminator))
    assert torch.allclose(weights(whole.discriminator), weights(parts.discriminator), atol=0.02)


def test_gradients_are_clipped_to_the_norm() -> None:
    """Plain gradient descent moves by rate times gradient: with a clipped one by at most rate times norm."""
    moved = []
    for norm in (0.0, 0.5):
        model = tiny_model(replace(TINY_UNET, clip_norm=norm), OneLayer)
        learner = model.generator_learner
        learner.optimiser = torch.optim.SGD(model.generator.parameters(), lr=0.01)  # type: ignore[assignment]
        before = weights(model.generator)
        model.step([MemorySource().batch(1, 1)], Phase(1, 1, 0), 0)
        moved.append((weights(model.generator) - before).norm().item())
    assert moved[0] > 0.01
    assert moved[1] == pytest.approx(0.01 * 0.5, rel=1e-3)


def test_averaged_weights_follow_the_formula() -> None:
    torch.manual_seed(0)
    network = OneLayer(normed=True)
    average = WeightAverage(network, 0.9)
    expected = {name: value.clone() for name, value in network.state_dict().items()}
    for number in range(120):
        with torch.no_grad():
            for entry in (*network.parameters(), *network.buffers()):
                entry.add_(1)
        average.update(network)
        decay = min(0.9, (1 + number) / (10 + number))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                expected[name] = expected[name] * decay + value * (1 - decay)
            else:
                expected[name] = value
    for name, value in average.generator.state_dict().items():
        assert torch.allclose(value, expected[name], rtol=1e-4), name
    assert not average.generator.training


def test_averaged_statistics_fit_the_averaged_weights() -> None:
    """What the averaged network normalises has mean 0 and variance 1 as its batches have, nearly: statistics
    taken over from the last weights would be off, since those differ from the average."""
    model = tiny_model(replace(TINY_UNET, ema=0.9, learning_rate=0.02), partial(OneLayer, normed=True))
    source = MemorySource(batch_size=8)
    for index in range(60):
        model.step([source.batch(1, index)], Phase(1, 1, 0), index)
    averaged = model.for_use
    assert isinstance(averaged, OneLayer)
    assert averaged is not model.generator
    convolution, norm = averaged.layers
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    with torch.no_grad():
        signal = torch.cat([convolution(source.batch(1, index).degraded) for index in range(40, 60)])
    off = (signal.mean(dim=(0, 2, 3)) - norm.running_mean).abs() / signal.std(dim=(0, 2, 3))
    assert off.max() < 0.15


def test_without_averaging_the_generator_itself_is_for_use() -> None:
    model = tiny_model(TINY_UNET)
    assert model.for_use is model.generator


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_lower_precision_teaches_about_the_same(precision: str) -> None:
    config = replace(TINY_UNET, learning_rate=0.01)
    batch = MemorySource().batch(1, 1)
    lost = []
    for name in ("fp32", precision):
        model = tiny_model(replace(config, precision=name), OneLayer)
        named: dict[str, Tensor] = {}
        for index in range(20):
            named = model.step([batch], Phase(1, 1, 1), index)
        lost.append(named["G_L1"].item())
    assert lost[1] == pytest.approx(lost[0], rel=0.1)


def test_an_overflow_in_fp16_costs_a_step_and_not_the_weights() -> None:
    model = tiny_model(replace(TINY_UNET, precision="fp16"), OneLayer)
    learner = model.generator_learner
    before, scale = weights(model.generator), learner.scaler.get_scale()
    learner.gather(model.generator(MemorySource().batch(1, 1).degraded).restored.mean() * float("inf"))
    learner.learn()
    assert torch.equal(weights(model.generator), before)
    assert learner.scaler.get_scale() == scale / 2


def test_adamw_takes_from_weights_that_nothing_else_moves() -> None:
    config = replace(TINY_UNET, optimiser="adamw", weight_decay=0.1, learning_rate=0.5)
    model = tiny_model(config, OneLayer)
    before = weights(model.generator)
    model.generator_learner.gather(sum((entry * 0).sum() for entry in model.generator.parameters()))  # type: ignore[arg-type]
    model.generator_learner.learn()
    assert torch.allclose(weights(model.generator), before * (1 - 0.1 * 0.5))


def test_a_generator_without_finder_cannot_train_it_alone() -> None:
    with pytest.raises(ValueError, match="has no damage finder"):
        tiny_model(TINY_UNET).step([MemorySource().batch(1, 1)], Phase(1, find_only=True), 0)


def test_losses_are_their_formulas() -> None:
    logits = torch.tensor([[[[0.0, 2.0]]]])
    real: Tensor = -torch.log(torch.sigmoid(logits)).mean()
    fake = -torch.log(1 - torch.sigmoid(logits)).mean()
    assert losses.adversarial(logits, real=True).item() == pytest.approx(real.item())
    assert losses.adversarial(logits, real=False).item() == pytest.approx(fake.item())
    one, two = torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.5)
    two[..., 0, 0] = 1.0
    corner = torch.zeros(1, 1, 2, 2)
    corner[..., 0, 0] = 1
    assert losses.l1(one, two).item() == pytest.approx((1.0 + 3 * 0.5) / 4)
    assert losses.l1(one, two, corner).item() == pytest.approx(1.0)


def test_the_logarithmic_error_counts_pictures_alike() -> None:
    """A tenth of the error is worth as much on a nearly intact picture as on one that is badly off."""
    clean = torch.zeros(2, 3, 8, 8)

    def loss(*errors: float) -> float:
        return losses.log_error(clean + torch.tensor(errors).view(2, 1, 1, 1), clean).item()

    floor = losses.LOG_FLOOR
    assert loss(1.0, 0.5) == pytest.approx((math.log(1 + floor) + math.log(0.25 + floor)) / 2)
    assert loss(1.0, 1.0) - loss(0.5, 1.0) == pytest.approx(loss(1.0, 0.4) - loss(1.0, 0.2), abs=0.02)
    assert math.isfinite(loss(0.0, 0.0))


def test_frozen_normalisation_learns_without_the_batchs_own_figures() -> None:
    """Running figures stay, scale and shift move; and the picture's loss is that of the network in use."""
    config = replace(TINY_UNET, lambda_log=2.0)
    model = tiny_model(config, lambda: OneLayer(normed=True))
    norm = model.generator.get_submodule("layers.1")
    before = {name: tensor.clone() for name, tensor in norm.state_dict().items()}
    batch = MemorySource().batch(1, 0)
    model.generator.eval()
    in_use = losses.l1(model.generator(batch.degraded).restored, batch.clean).item()
    named = model.step([batch], Phase(1, 1, 0, frozen_norm=True), 0)
    assert named["G_L1"].item() == pytest.approx(in_use)
    assert 0 < named["G_rms"].item() < 2
    after = norm.state_dict()
    still = {name for name, tensor in before.items() if torch.equal(tensor, after[name])}
    assert still == {"running_mean", "running_var", "num_batches_tracked"}


class Strict:
    """A teacher that says of every pixel that it is damaged, and remembers when it was asked."""

    def __init__(self) -> None:
        self.turns: list[int] = []

    def verdict(self, degraded: Tensor, turn: int) -> Tensor:
        self.turns.append(turn)
        return torch.ones_like(degraded[:, :1])


def test_a_finder_aims_at_a_teachers_verdict_in_its_share() -> None:
    config = TrainConfig(
        generator_options={"base_channels": 2, "depth": 5}, lambda_mask=1.0, lambda_dice=0.0, taught=0.25
    )
    model = tiny_model(config)
    model.teacher = Strict()  # type: ignore[assignment]
    batch = MemorySource().batch(1, 0)
    model.generator.train()
    logits = model.generator.get_submodule("finder")(batch.degraded)
    named = model.step([batch], Phase(1, 1, 0, find_only=True), 3)
    aim = 0.75 * batch.mask + 0.25
    expected = nn.functional.binary_cross_entropy_with_logits(logits, aim)
    assert named["G_mask"].item() == pytest.approx(expected.item(), rel=1e-4)
    assert model.teacher.turns == [3]


def test_a_finder_that_is_right_loses_nothing_and_one_that_is_wrong_much() -> None:
    mask = (torch.rand(2, 1, 16, 16) > 0.7).float()
    assert losses.damage_found((mask * 2 - 1) * 20, mask) < 0.01
    assert losses.damage_found((1 - mask * 2) * 20, mask) > 5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"precision": "fp8"}, "precision must be one of fp32, bf16, fp16"),
        ({"optimiser": "sgd"}, "optimiser must be one of adam, adamw"),
        ({"ema": 1.0}, r"ema must lie in \[0, 1\)"),
        ({"accumulate": 0}, "accumulate must be at least 1"),
        ({"clip_norm": -1.0}, "cannot be negative"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(TINY_UNET, **wrong)  # type: ignore[arg-type]
