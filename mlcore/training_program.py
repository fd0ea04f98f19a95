"""A training program from its options to its last line: ``manage.py train_pix2pix``, and one without Django.

It says nothing by itself: lines go to ``tell``, progress to bars that its caller makes.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch

from mlcore.clean_bank import CleanBank, build_bank
from mlcore.clean_pictures import read_members
from mlcore.dataset import Pair
from mlcore.dataset_writer import write_pairs
from mlcore.distributed import Team, joined_team
from mlcore.errors import TrainingError
from mlcore.export import Export
from mlcore.pairing import check_pairs, find_pairs, split_pairs
from mlcore.presets import TrainConfig
from mlcore.run_state import RunState, read_state
from mlcore.sources import BatchSource, CleanSource, PairSource
from mlcore.training import train
from mlcore.training_options import BANK_SIDE, config_asked_for, layers_for

Tell = Callable[[str], None]


class Bar(Protocol):
    """What a progress bar can do; tqdm's can."""

    n: Any
    desc: Any
    disable: Any

    def reset(self, total: Any) -> Any: ...
    def update(self, n: Any) -> Any: ...
    def set_description(self, desc: Any) -> Any: ...
    def set_postfix(self, ordered_dict: Any, refresh: Any) -> Any: ...


Bars = Callable[[bool], AbstractContextManager[Any]]
"""Makes a progress ``Bar``; told whether nobody looks at it."""


def run_program(options: dict[str, Any], tell: Tell, bars: Bars) -> None:
    """Do what the options ask for, see ``training_options``.

    All limits of time count from this call. Raises ``MlcoreError``; a ``PairingError`` names bad files in
    its ``problems``.
    """
    clock = Clock()
    config = config_asked_for(options)
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    with joined_team(options["device"]) as team, bars(not team.leads) as bar:
        # Of a run that goes on the batches must be what they were.
        config = read_state(options["out"], torch.device("cpu"))[0].config if options["resume"] else config
        source, val_pairs, told = _load(config, options, team, bar)
        if team.leads:
            tell(f"{told}, {len(val_pairs)} to validate on")
        if options["dry_run"]:
            tell(json.dumps(config.as_dict(), indent=2))
            return
        state = _train(config, options, source, val_pairs, team=team, tell=tell, bar=bar, clock=clock)
        if team.leads:
            tell(_result(state, options["out"]))


class Clock:
    """Minutes since the program began."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def left_of(self, minutes: float) -> float:
        """Minutes until so many have passed in all."""
        return minutes - (time.monotonic() - self._began) / 60


def _train(
    config: TrainConfig,
    options: dict[str, Any],
    source: BatchSource,
    val_pairs: Sequence[Pair],
    *,
    team: Team,
    tell: Tell,
    bar: Bar,
    clock: Clock,
) -> RunState:
    export = None
    if options["export"] and team.leads:
        export = Export(options["out"], options["export"], options["export_minutes"] * 60)

    def show(epoch: int, done: int, total: int, named: dict[str, float]) -> None:
        _advance(bar, f"epoch {epoch}", done, total)
        bar.set_postfix({name: f"{value:.3f}" for name, value in named.items()}, refresh=False)

    def tell_epoch(line: dict[str, Any]) -> None:
        tell(_line(line))
        if export:
            export.copy_if_due()

    try:
        with _asked_to_stop(options["max_minutes"], clock) as should_stop:
            return train(
                source,
                val_pairs,
                options["out"],
                config,
                resume=options["resume"],
                initial=options["init"],
                initial_finder=options["init_finder"],
                teacher=options["teacher"],
                team=team,
                on_step=show,
                on_epoch=tell_epoch,
                should_stop=should_stop,
                minutes=None if options["minutes"] is None else clock.left_of(options["minutes"]),
                checkpoint_minutes=options["checkpoint_minutes"],
                tensorboard=options["tensorboard"],
            )
    finally:
        if export:
            export.copy()


def _load(
    config: TrainConfig, options: dict[str, Any], team: Team, bar: Bar
) -> tuple[BatchSource, Sequence[Pair], str]:
    """Where batches come from, the pairs to validate on, and a line about the first."""
    shared: dict[str, Any] = {
        "batch_size": config.batch_size,
        "seed": config.seed,
        "limit": config.images_per_epoch,
        "device": team.device,
        "shard": team.shard,
    }
    train_pairs, val_pairs = _load_pairs(options, team, bar)
    if options["data"]:
        told = f"{len(train_pairs)} pairs to train on"
        return PairSource(train_pairs, config.augmentation, **shared), val_pairs, told
    bank = _bank(config, options, team, bar)
    told = f"{len(bank.pictures)} clean pictures and {len(bank.layers)} damages to train on"
    if bank.bad:
        told += f" ({len(bank.bad)} files left out, the first: {bank.bad[0]})"
    return CleanSource(bank, config.augmentation, **shared), val_pairs, told


def _bank(config: TrainConfig, options: dict[str, Any], team: Team, bar: Bar) -> CleanBank:
    """Clean pictures and damage: from the file that --bank names, or made, by the leader first."""
    kept = options["bank"]
    layers = options["layers"] or layers_for(config)
    workers = options["workers"]
    if workers is None:
        workers = min(os.cpu_count() or 1, layers // 200)  # a few are drawn sooner here
    if kept and not team.leads:
        team.wait()
    if kept and kept.is_file():
        bank = CleanBank.load(kept)
    else:
        bank = build_bank(
            options["clean"],
            side=max(BANK_SIDE, config.augmentation.crop or 0),
            layers=layers,
            seed=config.seed,
            workers=workers,
            on_progress=partial(_advance, bar),
        )
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            bank.save(kept)
    if kept and team.leads:
        team.wait()
    return bank


def _load_pairs(options: dict[str, Any], team: Team, bar: Bar) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """All pairs, checked, as those to train and those to validate on."""
    train_pairs = [pair for folder in options["data"] or () for pair in find_pairs(folder)]
    val = options["val"]
    if val is None:
        train_pairs, val_pairs = split_pairs(train_pairs)
    else:
        if val.is_file():
            val = _damaged(val, options["out"], options["val_limit"], team, bar)
        val_pairs = find_pairs(val)
    sources = sorted({pair.stem for pair in val_pairs})[: options["val_limit"]]
    val_pairs = [pair for pair in val_pairs if pair.stem in set(sources)]
    check_pairs([*train_pairs, *val_pairs], partial(_advance, bar, "checking pairs"))
    return train_pairs, val_pairs


def _damaged(clean: Path, run: Path, most: int, team: Team, bar: Bar) -> Path:
    """Pairs made of the first pictures of a tar, beside the run: at every level, by seed 0."""
    folder = run.with_name(f"{run.name}-val")
    if team.leads:
        (folder / "source").mkdir(parents=True, exist_ok=True)
        for number, member in zip(range(most), read_members([clean]), strict=False):
            (folder / "source" / f"{number:04d}-{Path(member.name).name}").write_bytes(member.content)
        report = write_pairs(
            folder / "source", folder, on_progress=partial(_advance, bar, "pairs to validate on")
        )
        if report.bad:
            raise TrainingError("mlcore:run:settings", f"{clean.name} to validate on: {report.bad[0][1]}")
    team.wait()
    return folder


@contextmanager
def _asked_to_stop(max_minutes: float | None, clock: Clock) -> Iterator[Callable[[], bool]]:
    """Whether to stop: the time is up, or somebody pressed Ctrl-C or ended the process politely. Who does so
    twice gets out at once."""
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(heard) or (max_minutes is not None and clock.left_of(max_minutes) <= 0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _advance(bar: Bar, title: str, done: int, total: int | None) -> None:
    """Show ``done`` of ``total``; with another title or a smaller count the bar begins anew."""
    if not bar.disable:
        if not bar.desc.startswith(f"{title}:") or done < bar.n:
            bar.reset(total)
            bar.set_description(title)
        bar.update(done - bar.n)


def _line(line: dict[str, Any]) -> str:
    """An epoch as one line for a person."""
    named = " ".join(f"{name} {value:.3f}" for name, value in line["losses"].items())
    scores = " | ".join(
        f"{level} {values['psnr']:.2f} dB {values['ssim']:.4f}"
        for level, values in line.get("val", {}).items()
    )
    speed = line["images"] / max(line["seconds"], 1e-9)
    return (
        f"epoch {line['epoch']} ({line['phase']}, {line['seconds']:.1f} s, {speed:.1f} pictures/s) "
        f"{named} {scores}"
    ).rstrip()


def _result(state: RunState, run: Path) -> str:
    """How the run ended, and how to go on if it did not."""
    best = f"best mean PSNR {state.best:.2f} dB, in {run}"
    if state.finished:
        return f"{state.epoch} epochs done, {best}"
    within = f" and {state.step} updates of the next" if state.step else ""
    return (
        f"stopped after epoch {state.epoch} of {state.config.epochs}{within}, {best}; "
        "the same command with --resume, without options of the recipe, goes on exactly there"
    )
