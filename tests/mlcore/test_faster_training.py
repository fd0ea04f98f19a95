"""What makes training faster is really on, and teaches what training without it does."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mlcore.checkpoints import load_generator
from mlcore.distributed import Team
from mlcore.learner import Learner
from mlcore.networks import PatchGAN
from mlcore.pix2pix import Pix2Pix
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource
from tests.mlcore.small_network import LEAN
from tests.mlcore.small_training import SMALL, small_model, teach


def signals_of(model: Pix2Pix) -> list[Tensor]:
    """What every convolution gives from now on."""
    signals: list[Tensor] = []

    def keep(_layer: nn.Module, _entries: Any, signal: Tensor) -> None:
        signals.append(signal.detach())

    for network in (model.generator, model.discriminator):
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d):
                layer.register_forward_hook(keep)
    return signals


def is_channels_last(tensor: Tensor) -> bool:
    return tensor.is_contiguous(memory_format=torch.channels_last)


def test_channels_lie_innermost_and_teach_what_planes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model(SMALL)
    signals = signals_of(model)
    told = teach(model)
    kernels = [
        entry
        for network in (model.generator, model.discriminator)
        for entry in network.parameters()
        if entry.dim() == 4
    ]
    assert len(kernels) > 10
    assert all(map(is_channels_last, kernels))
    assert len(signals) > 10
    assert all(map(is_channels_last, signals))
    # Planes, as they come without being asked for.
    monkeypatch.setattr(Pix2Pix, "_placed", lambda _model, network, _team: network)
    planes = small_model(SMALL)
    signals = signals_of(planes)
    expected = teach(planes)
    assert told[0] == pytest.approx(expected[0], rel=1e-4)
    # Adam's first steps are as long for a slope next to nothing, so that its sign may be chance.
    for one, other in zip(told, expected, strict=True):
        assert one == pytest.approx(other, rel=0.02)
    assert not all(map(is_channels_last, signals))


@pytest.mark.parametrize("optimiser", ["adam", "adamw"])
def test_the_fused_optimiser_takes_the_steps_of_the_formula(optimiser: str) -> None:
    """Kingma and Ba 2015, algorithm 1; with AdamW's decay, Loshchilov and Hutter 2019, algorithm 2."""
    rate, decay, (beta1, beta2) = 0.01, 0.1, (0.5, 0.999)
    config = replace(SMALL, optimiser=optimiser, weight_decay=decay, beta1=beta1)
    layer = nn.Linear(5, 3, bias=False)
    learner = Learner(layer, config, Team(), rate=rate)
    assert all(group["fused"] for group in learner.optimiser.param_groups)
    weights = layer.weight.detach().double()
    mean, square = torch.zeros_like(weights), torch.zeros_like(weights)
    for step in range(1, 6):
        slope = torch.randn(3, 5, generator=torch.Generator().manual_seed(step))
        learner.gather((layer.weight * slope).sum())
        learner.learn()
        gradient = slope.double() + (decay * weights if optimiser == "adam" else 0)
        weights = weights * (1 - rate * decay) if optimiser == "adamw" else weights
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        root = (square / (1 - beta2**step)).sqrt()
        weights = weights - rate * mean / (1 - beta1**step) / (root + 1e-8)
    assert torch.allclose(layer.weight.detach().double(), weights, atol=1e-6)


@pytest.mark.parametrize(
    ("precision", "kind"), [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)]
)
def test_convolutions_compute_as_asked_and_weights_and_losses_stay_in_full(
    precision: str, kind: torch.dtype
) -> None:
    model = small_model(replace(SMALL, precision=precision))
    signals = signals_of(model)
    told = teach(model, rounds=1)
    assert {signal.dtype for signal in signals} == {kind}
    kept = [*model.generator.state_dict().values(), *model.discriminator.state_dict().values()]
    assert {entry.dtype for entry in kept if entry.is_floating_point()} == {torch.float32}
    for one, other in zip(told[:2], teach(small_model(SMALL), rounds=1)[:2], strict=True):
        assert one == pytest.approx(other, rel=5e-3)


@pytest.mark.slow
def test_compiled_training_has_the_losses_of_plain_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every phase; and what it leaves is loaded by who knows nothing of compilers."""
    from torch._dynamo.utils import counters  # takes seconds, which the tests above need not wait for

    monkeypatch.setattr("mlcore.run_setup.PatchGAN", partial(PatchGAN, base_channels=4))
    monkeypatch.setattr("mlcore.training.draw_curves", lambda _folder: None)
    torch._dynamo.reset()
    counters.clear()
    config = replace(SMALL, generator_options=LEAN)
    plain = train(MemorySource(side=32), [], tmp_path / "plain", config)
    assert not counters["stats"]["unique_graphs"]
    compiled = train(MemorySource(side=32), [], tmp_path / "compiled", replace(config, compile=True))
    # The finder alone, the generator as a whole, the judge.
    assert counters["stats"]["unique_graphs"] >= 3
    assert counters["inductor"], "nothing was fused"
    for one, other in zip(compiled.history, plain.history, strict=True):
        assert one["losses"] == pytest.approx(other["losses"], rel=1e-3)
    weights, others = (
        load_generator(tmp_path / name / "last.safetensors").generator.state_dict()
        for name in ("compiled", "plain")
    )
    assert weights.keys() == others.keys()
