"""Pictures per second of Pulih's training engine against a plain loop, in one run and on the same batches.

The plain loop is what the well-known Pix2Pix trainers do: float32, channels outermost, Adam operation by
operation, the losses read after every step; unet_256 (54.4 M weights) and the 70x70 PatchGAN, discriminator
1:1. Beside it the same networks in the engine, with each option that may help added to those before, and the
shipped network. All take turns in each round, so that a busy machine disturbs all alike; read the ratios.

    python -m benchmarks.training
    python -m benchmarks.training --device cuda --batch-size 32 --rounds 5 --compile

On a GPU it also measures the rate of a large bf16 matrix product and says which share of it the convolutions
reach, and trains from a bank in memory to say which share of the time the next batch was waited for.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from mlcore.checkpoints import read_header
from mlcore.clean_bank import CleanBank
from mlcore.dataset import Sample
from mlcore.distributed import Team
from mlcore.environment import describe
from mlcore.networks import PatchGAN, UNetGenerator, build_generator
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import PRESETS, Phase, TrainConfig
from mlcore.reading_ahead import groups_ahead
from mlcore.sources import CleanSource

SIDE = 256
ADVERSARIAL = Phase(1, 1, 1)
OWN_PHASES = {
    "1:1": ADVERSARIAL,
    "1:0": Phase(1, 1, 0),
    "finder": Phase(1, 1, 0, find_only=True),
    "refiner": Phase(1, 1, 0, fill_only=True),
}
"""The shipped network's recipe spends most of its epochs in the latter three."""
SAME = replace(PRESETS["paper"], augmentation=replace(PRESETS["paper"].augmentation, crop=SIDE))


@dataclass(slots=True)
class Contender:
    """``step(batch)`` trains once. ``flops``: of a step, as torch counts convolutions and matrix products."""

    name: str
    step: Callable[[Sample], object]
    flops: float = 0.0


class PlainLoop:
    """A training step without any of the engine's measures."""

    def __init__(self, device: torch.device) -> None:
        self.generator = UNetGenerator().to(device)
        self.discriminator = PatchGAN().to(device)
        self.of_generator, self.of_discriminator = (
            torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), foreach=False)
            for network in (self.generator, self.discriminator)
        )

    def step(self, batch: Sample) -> dict[str, float]:
        degraded, clean = batch.degraded.contiguous(), batch.clean.contiguous()
        restored = self.generator(degraded).restored
        self.discriminator.requires_grad_(True)
        self.of_discriminator.zero_grad()
        d_fake = _against(self.discriminator(degraded, restored.detach()), 0.0)
        d_real = _against(self.discriminator(degraded, clean), 1.0)
        ((d_fake + d_real) * 0.5).backward()
        self.of_discriminator.step()
        self.discriminator.requires_grad_(False)
        self.of_generator.zero_grad()
        g_gan = _against(self.discriminator(degraded, restored), 1.0)
        g_l1 = functional.l1_loss(restored, clean)
        (g_gan + g_l1 * 100.0).backward()
        self.of_generator.step()
        losses = {"G_GAN": g_gan, "G_L1": g_l1, "D_real": d_real, "D_fake": d_fake}
        return {name: loss.item() for name, loss in losses.items()}


def _against(verdict: Tensor, truth: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(verdict, torch.full_like(verdict, truth))


def engine(
    name: str, config: TrainConfig, team: Team, phase: Phase = ADVERSARIAL, *, outermost: bool = False
) -> Contender:
    """The engine with a config; ``outermost`` undoes its channels-innermost layout, to measure that alone."""
    torch.manual_seed(0)
    generator = build_generator(config.generator, **config.generator_options)
    model = Pix2Pix(generator, PatchGAN(), config, team)
    if outermost:
        for network in (model.generator, model.discriminator):
            nn.Module.to(network, memory_format=torch.contiguous_format)
    return Contender(name, lambda batch: model.step([batch], phase, 0))


def contenders(options: argparse.Namespace, team: Team) -> list[Contender]:
    """The plain loop first."""
    torch.manual_seed(0)
    found = [
        Contender("plain loop", PlainLoop(team.device).step),
        engine("same network, fused Adam", SAME, team, outermost=True),
        engine("same network, + channels innermost", SAME, team),
    ]
    precisions = [name for name in options.precisions if name != "fp32"]
    found += [engine(f"same network, + {name}", replace(SAME, precision=name), team) for name in precisions]
    header = read_header(options.model)
    shipped = replace(
        PRESETS["default"],
        generator=header["generator"],
        generator_options=header["options"],
        augmentation=SAME.augmentation,
    )
    best = precisions[0] if precisions else "fp32"
    for precision in ("fp32", *precisions):
        config = replace(shipped, precision=precision)
        found += [
            engine(f"shipped network, {precision}, {title}", config, team, phase)
            for title, phase in OWN_PHASES.items()
        ]
    if options.compile:
        for title, config in (("same network", SAME), ("shipped network", shipped)):
            compiled = replace(config, precision=best, compile=True)
            found.append(engine(f"{title}, {best}, 1:1, compiled", compiled, team))
    return found


def make_batch(size: int, device: torch.device) -> Sample:
    """Noise with damage on a tenth of it: speed does not depend on what is to be seen."""
    chance = torch.Generator().manual_seed(0)
    clean = torch.rand(size, 3, SIDE, SIDE, generator=chance) * 2 - 1
    mask = (torch.rand(size, 1, SIDE, SIDE, generator=chance) < 0.1).float()
    return Sample(*(part.to(device) for part in (torch.where(mask > 0, 1.0, clean), clean, mask)))


def wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_of(
    step: Callable[[Sample], object], batch: Sample, times: int, device: torch.device
) -> tuple[float, float]:
    """Wall and processor time of one step, the mean of ``times`` on end."""
    wait_for(device)
    began = time.perf_counter(), time.process_time()
    for _ in range(times):
        step(batch)
    wait_for(device)
    return (time.perf_counter() - began[0]) / times, (time.process_time() - began[1]) / times


def matrix_rate(device: torch.device, dtype: torch.dtype, side: int) -> float:
    """FLOP a second of a large matrix product of random numbers: what the device can reach."""
    one, two = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    for _ in range(3):
        one @ two
    wait_for(device)
    began = time.perf_counter()
    for _ in range(10):
        one @ two
    wait_for(device)
    return 10 * 2 * side**3 / (time.perf_counter() - began)


def share_waited(config: TrainConfig, team: Team, steps: int) -> float:
    """Share of the time in which training from a bank in memory stood still for the next batch."""
    rng = np.random.default_rng(0)
    pictures = torch.from_numpy(rng.integers(0, 256, (64, 3, SIDE, SIDE), np.uint8))
    layers = torch.from_numpy(rng.integers(0, 256, (64, 4, SIDE, SIDE), np.uint8))
    bank = CleanBank(pictures, layers, torch.arange(64), ("light",) * 64)
    source = CleanSource(
        bank,
        config.augmentation,
        batch_size=config.batch_size,
        seed=0,
        limit=config.batch_size * (steps + 5),
        device=team.device,
    )
    model = Pix2Pix(build_generator(config.generator), PatchGAN(), config, team)
    groups = groups_ahead(source.batches(1), 1, ahead=2 if team.device.type == "cuda" else 0)
    waited = 0.0
    began = time.perf_counter()
    for index, group in enumerate(iter(lambda: _timed_next(groups), None)):
        seconds, batches = group
        if index == 5:
            wait_for(team.device)
            began, waited = time.perf_counter(), 0.0
        waited += seconds
        model.step(batches, ADVERSARIAL, index)
        wait_for(team.device)  # else the host's lead would hide whether the device had to wait
    return waited / (time.perf_counter() - began)


def _timed_next(groups: Any) -> tuple[float, list[Sample]] | None:
    began = time.perf_counter()
    group = next(groups, None)
    return None if group is None else (time.perf_counter() - began, group)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, as JSON can hold it."""
    device = torch.device(options.device)
    torch.backends.cudnn.benchmark = device.type == "cuda"  # as training has it
    team = Team(device=device)
    batch = make_batch(options.batch_size, device)
    plain_loop, *others = contenders(options, team)
    entries = [plain_loop, *(entry for entry in others if options.only in entry.name)]
    for entry in entries:
        compiled = "compiled" in entry.name
        if not compiled:
            with FlopCounterMode(display=False) as counter:
                entry.step(batch)
            entry.flops = float(counter.get_total_flops())
        for _ in range(options.warm_up):
            entry.step(batch)
    rounds: dict[str, list[tuple[float, float]]] = {entry.name: [] for entry in entries}
    for number in range(options.rounds):
        for entry in entries:
            rounds[entry.name].append(seconds_of(entry.step, batch, options.steps, device))
            wall, processor = rounds[entry.name][-1]
            print(f"round {number + 1}: {entry.name}: {wall:.2f} s, CPU {processor:.2f} s", file=sys.stderr)
    plain = rounds[entries[0].name]
    peak = None
    if device.type == "cuda":
        peak = matrix_rate(device, torch.bfloat16, 8192)
    rows = []
    for entry in entries:
        # A compiled network hides its operations; they are those of the same one at 1:1.
        known = entry.flops or next(
            other.flops for other in entries if other.name.split(",")[0] == entry.name.split(",")[0]
        )
        seconds = median(wall for wall, _ in rounds[entry.name])
        ratios = [
            (one[0] / own[0], one[1] / own[1]) for one, own in zip(plain, rounds[entry.name], strict=True)
        ]
        rows.append(
            {
                "name": entry.name,
                "pictures_per_second": options.batch_size / seconds,
                "ratio": median(wall for wall, _ in ratios),
                "processor_time_ratio": median(processor for _, processor in ratios),
                "gflop_per_picture": known / options.batch_size / 1e9,
                "gflop_per_second": known / seconds / 1e9,
                "share_of_matrix_rate": None if peak is None else known / seconds / peak,
            }
        )
    result: dict[str, Any] = {"environment": describe(device), "batch_size": options.batch_size, "rows": rows}
    if peak is None:
        result["fp32_matrix_gflop_per_second"] = matrix_rate(device, torch.float32, 1536) / 1e9
    else:
        result["bf16_matrix_gflop_per_second"] = peak / 1e9
        config = replace(
            PRESETS["accelerator"], batch_size=options.batch_size, compile=options.compile, ema=0.0
        )
        result["share_of_time_waiting_for_data"] = share_waited(config, team, options.waited_steps)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    newest = sorted((Path(__file__).parents[1] / "mlcore" / "weights").glob("*.safetensors"))[-1]
    parser.add_argument(
        "--model", type=Path, default=newest, help="weights file of the network taken for the shipped one"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1, help="in a round")
    parser.add_argument("--warm-up", type=int, default=1, help="steps before the first round")
    parser.add_argument(
        "--waited-steps", type=int, default=100, help="over which waiting for data is measured, on a GPU"
    )
    parser.add_argument("--precisions", nargs="+", default=["bf16"], help="beside fp32; the best first")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--only", default="", metavar="TEXT", help="of the engine, names with TEXT")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", str(options.threads))
    result = measure(options)
    print(f"{'':42s} pictures/s  ratio  by CPU time  GFLOP/picture  GFLOP/s  of matrix rate")
    for row in result["rows"]:
        share = row["share_of_matrix_rate"]
        print(
            f"{row['name']:42s} {row['pictures_per_second']:10.2f} {row['ratio']:6.2f} "
            f"{row['processor_time_ratio']:12.2f} "
            f"{row['gflop_per_picture']:14.1f} {row['gflop_per_second']:8.0f}"
            + ("" if share is None else f" {share:14.1%}")
        )
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
