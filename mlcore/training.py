"""Training runs: epochs, validation, log, checkpoints, exact resuming.

A run's folder holds ``config.json``, ``log.jsonl``, ``best.safetensors`` and ``last.safetensors`` (for use),
``state.pt`` (for resuming) and the curves as PNG.
"""

import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mlcore.checkpoints import load_generator, save_generator
from mlcore.dataset import Batches, Pair, eval_transform
from mlcore.errors import TrainingError
from mlcore.images import to_unit
from mlcore.metrics import METRICS
from mlcore.networks import Generator, PatchGAN, build_generator
from mlcore.pix2pix import Pix2Pix
from mlcore.plots import plot_run
from mlcore.presets import TrainConfig
from mlcore.run_state import RunState, apply_state, read_state, save_state

LOG = "log.jsonl"
Scores = dict[str, dict[str, float]]
OnStep = Callable[[int, int, int, dict[str, float]], None]
"""Called after each step with epoch, steps done in it, steps in it, losses."""
OnEpoch = Callable[[dict[str, Any]], None]
"""Called after each epoch with its line of the log."""


def train(
    train_pairs: Sequence[Pair],
    val_pairs: Sequence[Pair],
    folder: Path,
    config: TrainConfig | None = None,
    *,
    resume: bool = False,
    initial: Path | None = None,
    device: str = "cpu",
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> RunState:
    """Train to the end of ``config``, or go on with the run in ``folder`` (``resume``, by its own config).

    ``initial``: weights to begin with. Raises ``TrainingError`` (``mlcore:run:exists``,
    ``mlcore:run:settings``, ``mlcore:run:diverged``) and ``CheckpointError``.
    """
    where = torch.device(device)
    if resume:
        state, content = read_state(folder, where)
        model = _build(state.config, where)
        apply_state(content, model)
    else:
        if (folder / "state.pt").exists():
            raise TrainingError(
                "mlcore:run:exists", f"{folder} holds a run already; resume it or name another"
            )
        state = RunState(config or TrainConfig())
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(state.config.seed)
        model = _build(state.config, where)
        if initial is not None:
            state.began_with = _start_from(model.generator, initial)
    _write_json(folder / "config.json", state.config.as_dict())
    _rewrite_log(folder, state)
    while state.epoch < state.config.epochs:
        line = _train_one_epoch(model, train_pairs, state, on_step)
        if state.epoch % state.config.validate_every == 0 or state.epoch == state.config.epochs:
            line["val"] = evaluate(model.generator, val_pairs, where)
        state.history.append(line)
        _keep(folder, state, model, line)
        if on_epoch:
            on_epoch(line)
    plot_run(folder / LOG, folder)
    return state


def evaluate(generator: Generator, pairs: Sequence[Pair], device: torch.device) -> Scores:
    """Mean PSNR (dB) and SSIM per level and over levels (``mean``), on whole pictures in eval mode.

    A generator that finds damage also gets ``precision`` and ``recall`` of its mask, in [0, 1].
    """
    generator.eval()
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with torch.inference_mode():
        for pair in pairs:
            sample = eval_transform(pair)
            degraded = sample.degraded.to(device)
            output = generator(_fit(degraded, generator.stride))
            height, width = degraded.shape[-2:]
            restored, clean = to_unit(output.restored[..., :height, :width]).cpu(), to_unit(sample.clean)
            scores = found[pair.level]
            for name, metric in METRICS.items():
                scores[name].append(float(metric.function(restored, clean, None)))
            if output.mask is not None:
                verdict = output.mask[..., :height, :width].cpu() > 0.5
                hits = float((verdict & (sample.mask > 0.5)).sum())
                scores["precision"].append(hits / max(1.0, float(verdict.sum())))
                scores["recall"].append(hits / max(1.0, float(sample.mask.sum())))
    levels = {
        level: {name: float(np.mean(values)) for name, values in scores.items()}
        for level, scores in found.items()
    }
    names = next(iter(levels.values()), {})
    levels["mean"] = {name: float(np.mean([scores[name] for scores in levels.values()])) for name in names}
    return levels


def _build(config: TrainConfig, device: torch.device) -> Pix2Pix:
    try:
        generator = build_generator(config.generator, **config.generator_options)
    except (TypeError, ValueError) as error:
        raise TrainingError("mlcore:run:settings", str(error)) from error
    crop = config.augmentation.crop
    if crop is not None and crop % generator.stride:
        raise TrainingError(
            "mlcore:run:settings",
            f"crops of {crop} pixels: {config.generator} needs multiples of {generator.stride}",
        )
    return Pix2Pix(generator, PatchGAN(), config, device)


def _start_from(generator: Generator, path: Path) -> dict[str, Any]:
    """Take over weights; what their file says of itself goes on record."""
    loaded = load_generator(path)
    try:
        generator.load_state_dict(loaded.generator.state_dict())
    except RuntimeError as error:
        raise TrainingError("mlcore:run:settings", f"{path} is another network: {error}") from error
    return {"sha256": loaded.sha256, "metadata": loaded.metadata}


def _train_one_epoch(
    model: Pix2Pix, pairs: Sequence[Pair], state: RunState, on_step: OnStep | None
) -> dict[str, Any]:
    """Run the next epoch and return its line for the log, without validation."""
    config = state.config
    epoch = state.epoch + 1
    phase = config.phase_of(epoch)
    batches = Batches(
        pairs,
        config.augmentation,
        batch_size=config.batch_size,
        seed=config.seed,
        epoch=epoch,
        limit=config.images_per_epoch,
    )
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    began = time.monotonic()
    for index in range(len(batches)):
        model.set_learning_rate(_rate(config, epoch - 1 + index / len(batches)))
        chance = np.random.default_rng((config.seed, epoch, index)).random()
        named = model.step(batches[index], phase, index, tell_mask=chance < config.tell_mask)
        if not all(math.isfinite(value) for value in named.values()):
            raise TrainingError(
                "mlcore:run:diverged", f"epoch {epoch}, step {index + 1}: a loss is not finite"
            )
        for name, value in named.items():
            sums[name] += value
            counts[name] += 1
        if on_step:
            on_step(epoch, index + 1, len(batches), named)
    state.epoch = epoch
    return {
        "kind": "epoch",
        "epoch": epoch,
        "phase": "find" if phase.find_only else phase.ratio,
        "losses": {name: sums[name] / counts[name] for name in sums},
        "images": len(batches) * config.batch_size,
        "seconds": round(time.monotonic() - began, 1),
    }


def _rate(config: TrainConfig, epochs_done: float) -> float:
    if not config.cosine:
        return config.learning_rate
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * epochs_done / config.epochs))


def _keep(folder: Path, state: RunState, model: Pix2Pix, line: dict[str, Any]) -> None:
    """Checkpoints first, then the state that counts the epoch as done, then the log that follows from it."""
    metadata = {
        "epoch": state.epoch,
        "val": line.get("val"),
        "config": state.config.as_dict(),
        "seconds": round(sum(entry["seconds"] for entry in state.history), 1),
        "began_with": state.began_with,
    }
    name = state.config.generator
    save_generator(folder / "last.safetensors", model.generator, metadata, name=name)
    if "val" in line and line["val"]["mean"]["psnr"] > state.best:
        state.best = line["val"]["mean"]["psnr"]
        save_generator(folder / "best.safetensors", model.generator, metadata, name=name)
    save_state(folder, state, model)
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _rewrite_log(folder: Path, state: RunState) -> None:
    """The log as the state has it: a crash may have left it a line behind."""
    lines = [json.dumps(line) + "\n" for line in state.history]
    (folder / LOG).write_text("".join(lines), encoding="utf-8")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _fit(tensor: torch.Tensor, stride: int) -> torch.Tensor:
    """Pad (N, 3, H, W) at the bottom and right by repeating the edge, to multiples of ``stride``."""
    height, width = tensor.shape[-2:]
    return torch.nn.functional.pad(tensor, (0, -width % stride, 0, -height % stride), mode="replicate")
