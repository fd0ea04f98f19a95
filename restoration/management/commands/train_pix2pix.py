"""Train Pix2Pix on pairs that degrade_dataset wrote.

Training is a command and not a background task: it takes hours and all cores, and restorations must not wait
behind it. A run that was stopped, however, goes on exactly with --resume.

    manage.py train_pix2pix --data data/faces --out runs/first
    manage.py train_pix2pix --data data/faces --out runs/paper --preset paper --epochs 20
    manage.py train_pix2pix --data data/faces --out runs/first --resume
"""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from tqdm import tqdm

from restoration.management.standalone import StandaloneCommand

if TYPE_CHECKING:
    from mlcore.dataset import Pair
    from mlcore.presets import TrainConfig

# Options that belong to a run's config and so cannot change when it is resumed.
CONFIG_OPTIONS = ("preset", "epochs", "batch_size", "images_per_epoch", "learning_rate", "precision", "seed")


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        from mlcore.presets import PRESETS

        parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
        parser.add_argument("--out", type=Path, required=True, metavar="RUN")
        parser.add_argument(
            "--val", type=Path, metavar="DIR", help="pairs to validate on (default: 2 %% of DIR, held out)"
        )
        parser.add_argument("--val-limit", type=int, default=40, help="validation sources (default: 40)")
        parser.add_argument("--preset", choices=PRESETS, help="default: default")
        parser.add_argument("--epochs", type=int, help="over which the preset's phases are stretched")
        parser.add_argument("--batch-size", type=int)
        parser.add_argument("--images-per-epoch", type=int)
        parser.add_argument("--learning-rate", type=float)
        parser.add_argument("--precision", choices=("fp32", "bf16"))
        parser.add_argument("--seed", type=int)
        parser.add_argument("--resume", action="store_true", help="go on with the run in RUN, exactly")
        parser.add_argument("--init", type=Path, metavar="MODEL", help="weights to begin with")
        parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
        parser.add_argument("--threads", type=int, help="CPU threads (default: all cores)")
        parser.add_argument("--dry-run", action="store_true", help="check pairs, print the config and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        import torch

        from mlcore.errors import MlcoreError, PairingError
        from mlcore.training import train

        config = _config(options)
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        quiet = options["verbosity"] == 0
        try:
            train_pairs, val_pairs = _load_pairs(options, quiet=quiet)
            self.stdout.write(f"{len(train_pairs)} pairs to train on, {len(val_pairs)} to validate on")
            if options["dry_run"]:
                self.stdout.write(json.dumps(config.as_dict(), indent=2))
                return
            with tqdm(unit="step", disable=quiet) as bar:

                def show(epoch: int, done: int, total: int, named: dict[str, float]) -> None:
                    if done == 1:
                        bar.reset(total)
                        bar.set_description(f"epoch {epoch}")
                    bar.update()
                    bar.set_postfix({name: f"{value:.3f}" for name, value in named.items()}, refresh=False)

                state = train(
                    train_pairs,
                    val_pairs,
                    options["out"],
                    config,
                    resume=options["resume"],
                    initial=options["init"],
                    device=options["device"],
                    on_step=show,
                    on_epoch=lambda line: self.stdout.write(_line(line)),
                )
        except PairingError as error:
            for problem in error.problems:
                self.stderr.write(f"bad pair: {problem}")
            raise CommandError(f"{error.message} [{error.code}]") from error
        except MlcoreError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        self.stdout.write(
            f"{state.epoch} epochs done, best mean PSNR {state.best:.2f} dB, in {options['out']}"
        )


def _config(options: dict[str, Any]) -> "TrainConfig":
    """The preset with the options given on the command line."""
    from dataclasses import replace

    from mlcore.presets import PRESETS

    given = {name: options[name] for name in CONFIG_OPTIONS if options[name] is not None}
    if options["resume"] and (given or options["init"]):
        names = ", ".join(
            "--" + name.replace("_", "-") for name in (*given, *(["init"] * bool(options["init"])))
        )
        raise CommandError(f"--resume goes on with the run's own config: leave out {names}")
    config = PRESETS[given.pop("preset", "default")]
    epochs = given.pop("epochs", None)
    try:
        return replace(config if epochs is None else config.with_epochs(epochs), **given)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _load_pairs(options: dict[str, Any], *, quiet: bool) -> tuple[Sequence["Pair"], Sequence["Pair"]]:
    """All pairs, checked, as those to train and those to validate on."""
    from mlcore.pairing import check_pairs, find_pairs, split_pairs

    train_pairs = [pair for folder in options["data"] for pair in find_pairs(folder)]
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


def _line(line: dict[str, Any]) -> str:
    """An epoch as one line for a person."""
    named = " ".join(f"{name} {value:.3f}" for name, value in line["losses"].items())
    scores = " | ".join(
        f"{level} {values['psnr']:.2f} dB {values['ssim']:.4f}"
        for level, values in line.get("val", {}).items()
    )
    return f"epoch {line['epoch']} ({line['phase']}, {line['seconds']} s) {named} {scores}".rstrip()
