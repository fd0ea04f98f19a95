"""Train as Abdillah and Mulyono (2025) did and print their table beside the run's.

Their recipe in full: 256x256 pixels, U-Net 256, batch 32, 100 epochs, Adam 2e-4 / 0.5, L1 and adversarial
loss, three phases of generator:discriminator updates, 1:1, 2:1, 3:1 (--reversed: 3:1, 2:1, 1:1, since their
text says both). A run that was stopped goes on exactly when the same command is given again. With fewer
--epochs the phases shrink in proportion, and so do the rows: they stand at the tenths of the run.

RUN gets what train_pix2pix leaves (losses.png, ssim.png and psnr.png among it), paper_table.md and
paper_table.json.

    manage.py reproduce_paper --data data/faces --val data/faces-val --out runs/paper --device cuda
    manage.py reproduce_paper --data data/faces --val data/faces-val --out runs/short --epochs 10 --reversed
    manage.py reproduce_paper --out runs/paper --table-only
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from tqdm import tqdm

from mlcore.arguments import positive
from restoration.management.standalone import StandaloneCommand


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, nargs="+", metavar="DIR", help="pairs to train on")
        parser.add_argument("--val", type=Path, metavar="DIR", help="pairs to validate on")
        parser.add_argument("--out", type=Path, required=True, metavar="RUN")
        parser.add_argument(
            "--reversed", action="store_true", help="updates 3:1, 2:1, 1:1 instead of 1:1, 2:1, 3:1"
        )
        parser.add_argument("--epochs", type=positive, help="(default: the paper's 100)")
        parser.add_argument("--val-limit", type=positive, default=40, help="validation sources (default: 40)")
        parser.add_argument("--seed", type=int, default=0, help="of order and first weights (default: 0)")
        parser.add_argument("--precision", help="fp32 or bf16, see train_pix2pix (default: the preset's)")
        parser.add_argument("--max-minutes", type=float, metavar="M", help="then stop, to go on later")
        parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
        parser.add_argument("--threads", type=positive, help="CPU threads (default: all cores)")
        parser.add_argument("--table-only", action="store_true", help="print the table of the run in RUN")

    def handle(self, *args: Any, **options: Any) -> None:
        from mlcore.errors import MlcoreError

        if not options["table_only"]:
            if not options["data"] or not options["val"]:
                raise CommandError(
                    "training needs --data and --val; or print a run's table with --table-only"
                )
            call_command(
                "train_pix2pix",
                *_training_arguments(options),
                stdout=self.stdout,
                stderr=self.stderr,
                verbosity=options["verbosity"],
            )
        try:
            text = _write_table(options)
        except MlcoreError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        self.stdout.write(text)
        self.stdout.write(f"written to {options['out']}: paper_table.md, paper_table.json, curves as PNG")


def _training_arguments(options: dict[str, Any]) -> list[str]:
    """What train_pix2pix is told: to go on if the run exists, else to begin."""
    from mlcore.run_state import STATE

    words = ["--data", *map(str, options["data"]), "--val", str(options["val"]), "--out", str(options["out"])]
    words += ["--val-limit", str(options["val_limit"]), "--device", options["device"]]
    for name in ("threads", "max_minutes"):
        if options[name]:
            words += [f"--{name.replace('_', '-')}", str(options[name])]
    if (options["out"] / STATE).is_file():
        _refuse_another_recipe(options)
        return [*words, "--resume"]
    words += ["--preset", _preset(options), "--seed", str(options["seed"])]
    for name in ("epochs", "precision"):
        if options[name]:
            words += [f"--{name}", str(options[name])]
    return words


def _preset(options: dict[str, Any]) -> str:
    return "paper_reversed" if options["reversed"] else "paper"


def _refuse_another_recipe(options: dict[str, Any]) -> None:
    """Going on with a run in RUN is right only if that run is the one that was asked for."""
    from mlcore.presets import PRESETS

    asked = PRESETS[_preset(options)]
    try:
        asked = asked.with_epochs(options["epochs"]) if options["epochs"] else asked
    except ValueError as error:
        raise CommandError(str(error)) from error
    there = _config(options["out"])
    wanted = {**asked.as_dict(), "seed": options["seed"]}
    differing = [name for name in ("generator", "phases", "seed") if wanted[name] != there.get(name)]
    if differing:
        raise CommandError(f"{options['out']} holds a run with another {', '.join(differing)}: name another")


def _config(run: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((run / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{run}: no training run there ({error})") from error
    return config


def _write_table(options: dict[str, Any]) -> str:
    """Draw the curves, write both tables, and give the readable one."""
    from mlcore.paper_table import paper_rows, to_data, to_markdown
    from mlcore.plots import plot_run
    from mlcore.run_folder import LOG
    from mlcore.run_log import read_epochs

    run: Path = options["out"]
    epochs = sum(phase["epochs"] for phase in _config(run)["phases"])
    try:
        records = read_epochs(run / LOG)
        plot_run(run / LOG, run)
    except (OSError, ValueError) as error:
        raise CommandError(f"{run}: its log cannot be read ({error})") from error
    rows = paper_rows(records, epochs)
    about = {"run": run.name, "epochs": epochs, "success": _success(options)}
    text = to_markdown(rows, **about)
    try:
        (run / "paper_table.md").write_text(text, encoding="utf-8")
        (run / "paper_table.json").write_text(
            json.dumps(to_data(rows, **about), indent=1) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise CommandError(f"{run}: cannot be written ({error.strerror})") from error
    return text


def _success(options: dict[str, Any]) -> dict[str, float] | None:
    """Share of successes by level of the run's last generator; None without pairs to measure on."""
    weights = options["out"] / "last.safetensors"
    if not options["val"] or not weights.is_file():
        return None
    from mlcore.benchmark import model_method, run
    from mlcore.benchmark_cases import levels_of, paired_subjects
    from mlcore.inference import Restorer
    from mlcore.pairing import find_pairs

    restorer = Restorer.from_checkpoint(weights, device=options["device"])
    subjects = paired_subjects(find_pairs(options["val"]), options["val"].name)[: options["val_limit"]]
    with tqdm(desc="counting successes", total=len(subjects), disable=options["verbosity"] == 0) as bar:
        measured = run(
            subjects,
            [model_method(restorer, title=options["out"].name)],
            on_progress=lambda _done, _total: bar.update(),
        )
    return {level: measured.table(level)[0].measures["success"].mean for level in levels_of(subjects)}
