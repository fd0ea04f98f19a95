"""What a training program is told on its command line: ``manage.py train_pix2pix``'s, or another's."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcore.arguments import positive
from mlcore.errors import TrainingError
from mlcore.presets import CHOICES, PRESETS, TrainConfig

RECIPE = (
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
"""Options that belong to a run's config and so cannot change when it is resumed."""

BANK_SIDE = 256
"""Pixels of the pictures that --clean keeps, unless crops are larger. Crops of that very size never move:
the shipped presets' are smaller."""

FEWEST_LAYERS = 6000
LAYERS_A_PICTURE = 3
"""Damages drawn for --clean: so many for each picture of an epoch, and not fewer than the other number."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Data, recipe, time, place."""
    _add_data(parser)
    _add_recipe(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="RUN")
    parser.add_argument("--resume", action="store_true", help="go on with the run in RUN, exactly")
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="measure a few updates of each phase, then stretch or shrink what is left of the phases so that "
        "the whole run ends in so much time from now; with --resume too",
    )
    parser.add_argument("--max-minutes", type=float, metavar="M", help="then stop, to be resumed")
    parser.add_argument(
        "--checkpoint-minutes",
        type=float,
        default=10.0,
        help="write the state so often, and at the ends of phases and of the run (default: 10)",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="copy weights, log and the latest samples there too, whenever they are new",
    )
    parser.add_argument(
        "--export-minutes", type=float, default=2.0, metavar="M", help="at most so often (default: 2)"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
    parser.add_argument("--threads", type=int, help="CPU threads (default: all cores)")
    parser.add_argument("--tensorboard", action="store_true", help="write scalars for TensorBoard as well")
    parser.add_argument("--dry-run", action="store_true", help="check pairs, print the config and stop")


def _add_data(parser: argparse.ArgumentParser) -> None:
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--data", type=Path, nargs="+", metavar="DIR", help="pairs, see degrade_dataset")
    data.add_argument(
        "--clean", type=Path, nargs="+", metavar="DIR_OR_TAR", help="clean pictures, to be damaged here"
    )
    parser.add_argument(
        "--val",
        type=Path,
        metavar="DIR_OR_TAR",
        help="pairs to validate on, or a tar of clean pictures, damaged beside RUN for it "
        "(default: 2 %% of --data, held out)",
    )
    parser.add_argument("--val-limit", type=positive, default=40, help="validation sources (default: 40)")
    parser.add_argument(
        "--bank", type=Path, metavar="FILE", help="where --clean keeps what it prepared for the next time"
    )
    parser.add_argument(
        "--layers",
        type=positive,
        help=f"damages drawn for --clean (default: {LAYERS_A_PICTURE} for each of the epoch's pictures, at "
        f"least {FEWEST_LAYERS}; 1 GiB of memory for 4096)",
    )
    parser.add_argument(
        "--workers", type=int, help="processes that prepare --clean, 0: this one (default: one for each core)"
    )


def _add_recipe(parser: argparse.ArgumentParser) -> None:
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
    recipe.add_argument("--compile", action=argparse.BooleanOptionalAction, help="with torch.compile")
    recipe.add_argument(
        "--deterministic",
        action=argparse.BooleanOptionalAction,
        help="the same bits again on a GPU too",
    )
    recipe.add_argument("--seed", type=int)
    recipe.add_argument("--init", type=Path, metavar="MODEL", help="weights to begin with")
    recipe.add_argument("--init-finder", type=Path, metavar="MODEL", help="whose damage finder to begin with")
    recipe.add_argument(
        "--teacher",
        type=Path,
        metavar="MODEL",
        help="whose damage finder to learn from, for presets that ask for one; at --resume too",
    )


def config_asked_for(options: dict[str, Any]) -> TrainConfig:
    """The preset with what else the command line says; of a run that is resumed, the default.

    Raises ``TrainingError`` (``mlcore:run:settings``) for options that do not go together.
    """
    given = {name: options[name] for name in RECIPE if options[name] is not None}
    begun = [name for name in ("init", "init_finder") if options[name]]
    if options["resume"] and (given or begun):
        names = ", ".join("--" + name.replace("_", "-") for name in (*given, *begun))
        raise TrainingError(
            "mlcore:run:settings", f"--resume goes on with the run's own config: leave out {names}"
        )
    if options["clean"] and not options["val"]:
        raise TrainingError("mlcore:run:settings", "--clean needs pairs to validate on: --val DIR")
    config = PRESETS[given.pop("preset", "default")]
    epochs = given.pop("epochs", None)
    try:
        return replace(config if epochs is None else config.with_epochs(epochs), **given)
    except ValueError as error:
        raise TrainingError("mlcore:run:settings", str(error)) from error


def layers_for(config: TrainConfig) -> int:
    """How many damages to draw where nobody says it."""
    return max(FEWEST_LAYERS, LAYERS_A_PICTURE * (config.images_per_epoch or 0))
