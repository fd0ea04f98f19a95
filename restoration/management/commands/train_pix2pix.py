"""Train Pix2Pix on pairs that degrade_dataset wrote, or on clean pictures that are damaged on the way.

Training is a command and not a background task: it takes hours and all cores, and restorations must not wait
behind it. A run that was stopped, however, goes on exactly with --resume: after Ctrl-C, a limit of time
(--max-minutes), a crash or a full disk.

    manage.py train_pix2pix --data data/faces --out runs/first
    manage.py train_pix2pix --data data/faces --out runs/paper --preset paper --epochs 20
    manage.py train_pix2pix --data data/faces --out runs/first --resume
    manage.py train_pix2pix --clean faces.tar photos --val data/val --out runs/second --ema 0.998

    manage.py train_pix2pix --clean faces.tar --val data/val --out runs/gpu --preset accelerator --device cuda

Several GPUs, one process each: torchrun --nproc-per-node=2 manage.py train_pix2pix ... --device cuda
"""

import json
import signal
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from tqdm import tqdm

from restoration.management.standalone import StandaloneCommand, positive

if TYPE_CHECKING:
    from mlcore.dataset import Pair
    from mlcore.distributed import Team
    from mlcore.presets import TrainConfig
    from mlcore.run_state import RunState
    from mlcore.sources import BatchSource

# Options that belong to a run's config and so cannot change when it is resumed.
CONFIG_OPTIONS = (
    "preset",
    "epochs",
    "batch_size",
    "accumulate",
    "images_per_epoch",
    "learning_rate",
    "clip_norm",
    "ema",
    "precision",
    "compile",
    "deterministic",
    "seed",
)

BANK_SIDE = 256
"""Pixels: pictures are kept at least so large, so that crops vary."""


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        from mlcore.presets import CHOICES, PRESETS

        data = parser.add_mutually_exclusive_group(required=True)
        data.add_argument("--data", type=Path, nargs="+", metavar="DIR", help="pairs, see degrade_dataset")
        data.add_argument(
            "--clean", type=Path, nargs="+", metavar="DIR_OR_TAR", help="clean pictures, to be damaged here"
        )
        parser.add_argument("--out", type=Path, required=True, metavar="RUN")
        parser.add_argument(
            "--val", type=Path, metavar="DIR", help="pairs to validate on (default: 2 %% of --data, held out)"
        )
        parser.add_argument("--val-limit", type=int, default=40, help="validation sources (default: 40)")
        parser.add_argument(
            "--bank",
            type=Path,
            metavar="FILE",
            help="where --clean keeps what it prepared for the next time",
        )
        parser.add_argument(
            "--layers", type=positive, default=6000, help="damages drawn for --clean (default: 6000)"
        )

        recipe = parser.add_argument_group("recipe; fixed for the run")
        recipe.add_argument("--preset", choices=PRESETS, help="default: default")
        recipe.add_argument("--epochs", type=int, help="over which the preset's phases are stretched")
        recipe.add_argument("--batch-size", type=int, help="pictures in memory at a time")
        recipe.add_argument("--accumulate", type=int, metavar="N", help="batches an update")
        recipe.add_argument("--images-per-epoch", type=int)
        recipe.add_argument("--learning-rate", type=float)
        recipe.add_argument("--clip-norm", type=float, metavar="NORM", help="longest gradient; 0: any")
        recipe.add_argument("--ema", type=float, metavar="DECAY", help="average the weights; 0: do not")
        recipe.add_argument("--precision", choices=CHOICES["precision"])
        recipe.add_argument("--compile", action="store_true", default=None, help="with torch.compile")
        recipe.add_argument(
            "--deterministic", action="store_true", default=None, help="the same bits again on a GPU too"
        )
        recipe.add_argument("--seed", type=int)
        recipe.add_argument("--init", type=Path, metavar="MODEL", help="weights to begin with")
        recipe.add_argument(
            "--init-finder", type=Path, metavar="MODEL", help="whose damage finder to begin with"
        )
        parser.add_argument(
            "--teacher",
            type=Path,
            metavar="MODEL",
            help="whose damage finder to learn from, for presets that ask for one; at --resume too",
        )

        parser.add_argument("--resume", action="store_true", help="go on with the run in RUN, exactly")
        parser.add_argument("--max-minutes", type=float, metavar="M", help="then stop, to be resumed")
        parser.add_argument(
            "--checkpoint-minutes", type=float, default=10.0, help="write the state so often (default: 10)"
        )
        parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
        parser.add_argument("--threads", type=int, help="CPU threads (default: all cores)")
        parser.add_argument(
            "--tensorboard", action="store_true", help="write scalars for TensorBoard as well"
        )
        parser.add_argument("--dry-run", action="store_true", help="check pairs, print the config and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        import torch

        from mlcore.distributed import joined_team
        from mlcore.errors import MlcoreError, PairingError

        config = _config(options)
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        try:
            with joined_team(options["device"]) as team:
                self._train(config, options, team)
        except PairingError as error:
            for problem in error.problems:
                self.stderr.write(f"bad pair: {problem}")
            raise CommandError(f"{error.message} [{error.code}]") from error
        except MlcoreError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error

    def _train(self, config: "TrainConfig", options: dict[str, Any], team: "Team") -> None:
        from mlcore.training import train

        quiet = options["verbosity"] == 0 or not team.leads
        if options["resume"]:
            config = _config_of(options["out"])
        source, val_pairs, told = _load(config, options, team, quiet=quiet)
        if team.leads:
            self.stdout.write(f"{told}, {len(val_pairs)} to validate on")
        if options["dry_run"]:
            self.stdout.write(json.dumps(config.as_dict(), indent=2))
            return
        with (
            tqdm(unit="update", disable=quiet) as bar,
            _asked_to_stop(options["max_minutes"]) as should_stop,
        ):

            def show(epoch: int, done: int, total: int, named: dict[str, float]) -> None:
                _advance(bar, f"epoch {epoch}", done, total)
                bar.set_postfix({name: f"{value:.3f}" for name, value in named.items()}, refresh=False)

            state = train(
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
                on_epoch=lambda line: self.stdout.write(_line(line)),
                should_stop=should_stop,
                checkpoint_minutes=options["checkpoint_minutes"],
                tensorboard=options["tensorboard"],
            )
        if team.leads:
            self.stdout.write(_result(state, options["out"]))


def _config(options: dict[str, Any]) -> "TrainConfig":
    """The preset with the options given on the command line."""
    from dataclasses import replace

    from mlcore.presets import PRESETS

    given = {name: options[name] for name in CONFIG_OPTIONS if options[name] is not None}
    begun = [name for name in ("init", "init_finder") if options[name]]
    if options["resume"] and (given or begun):
        names = ", ".join("--" + name.replace("_", "-") for name in (*given, *begun))
        raise CommandError(f"--resume goes on with the run's own config: leave out {names}")
    if options["clean"] and not options["val"]:
        raise CommandError("--clean needs pairs to validate on: --val DIR")
    config = PRESETS[given.pop("preset", "default")]
    epochs = given.pop("epochs", None)
    try:
        return replace(config if epochs is None else config.with_epochs(epochs), **given)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _config_of(run: Path) -> "TrainConfig":
    """The config of a run that goes on: its batches must be what they were."""
    import torch

    from mlcore.run_state import read_state

    return read_state(run, torch.device("cpu"))[0].config


def _load(
    config: "TrainConfig", options: dict[str, Any], team: "Team", *, quiet: bool
) -> tuple["BatchSource", Sequence["Pair"], str]:
    """Where batches come from, the pairs to validate on, and a line about the first."""
    from mlcore.sources import CleanSource, PairSource

    shared: dict[str, Any] = {
        "batch_size": config.batch_size,
        "seed": config.seed,
        "limit": config.images_per_epoch,
        "device": team.device,
        "shard": team.shard,
    }
    if options["data"]:
        train_pairs, val_pairs = _load_pairs(options, quiet=quiet)
        told = f"{len(train_pairs)} pairs to train on"
        return PairSource(train_pairs, config.augmentation, **shared), val_pairs, told
    _, val_pairs = _load_pairs(options, quiet=quiet)
    bank = _bank(config, options, team, quiet=quiet)
    told = f"{len(bank.pictures)} clean pictures and {len(bank.layers)} damages to train on"
    if bank.bad:
        told += f" ({len(bank.bad)} files left out, the first: {bank.bad[0]})"
    return CleanSource(bank, config.augmentation, **shared), val_pairs, told


def _bank(config: "TrainConfig", options: dict[str, Any], team: "Team", *, quiet: bool) -> Any:
    """Clean pictures and damage: from the file that --bank names, or made, by the leader first."""
    import os

    from mlcore.clean_bank import CleanBank, build_bank

    kept = options["bank"]
    if kept and not team.leads:
        team.wait()
    if kept and kept.is_file():
        bank = CleanBank.load(kept)
    else:
        with tqdm(unit="picture", disable=quiet) as bar:
            bank = build_bank(
                options["clean"],
                side=max(BANK_SIDE, config.augmentation.crop or 0),
                layers=options["layers"],
                seed=config.seed,
                workers=min(os.cpu_count() or 1, options["layers"] // 200),  # a few are drawn sooner here
                on_progress=partial(_advance, bar),
            )
        if kept:
            bank.save(kept)
    if kept and team.leads:
        team.wait()
    return bank


def _load_pairs(options: dict[str, Any], *, quiet: bool) -> tuple[Sequence["Pair"], Sequence["Pair"]]:
    """All pairs, checked, as those to train and those to validate on."""
    from mlcore.pairing import check_pairs, find_pairs, split_pairs

    train_pairs = [pair for folder in options["data"] or () for pair in find_pairs(folder)]
    if options["val"]:
        val_pairs = find_pairs(options["val"])
    else:
        train_pairs, val_pairs = split_pairs(train_pairs)
    sources = sorted({pair.stem for pair in val_pairs})[: options["val_limit"]]
    val_pairs = [pair for pair in val_pairs if pair.stem in set(sources)]
    everything = [*train_pairs, *val_pairs]
    with tqdm(total=len(everything), desc="checking pairs", unit="pair", disable=quiet) as bar:
        check_pairs(everything, lambda _done, _total: bar.update())
    return train_pairs, val_pairs


@contextmanager
def _asked_to_stop(max_minutes: float | None) -> Iterator[Callable[[], bool]]:
    """Whether to stop: the time is up, or somebody pressed Ctrl-C or ended the process politely. Who does so
    twice gets out at once."""
    from mlcore.training import minutes_from_now

    time_is_up = (lambda: False) if max_minutes is None else minutes_from_now(max_minutes)
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(heard) or time_is_up()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _advance(bar: Any, title: str, done: int, total: int | None) -> None:
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


def _result(state: "RunState", run: Path) -> str:
    """How the run ended, and how to go on if it did not."""
    best = f"best mean PSNR {state.best:.2f} dB, in {run}"
    if state.finished:
        return f"{state.epoch} epochs done, {best}"
    within = f" and {state.step} updates of the next" if state.step else ""
    return (
        f"stopped after epoch {state.epoch} of {state.config.epochs}{within}, {best}; "
        "the same command with --resume, without options of the recipe, goes on exactly there"
    )
