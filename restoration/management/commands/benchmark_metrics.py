"""Measure a model, beside every classical method, on pairs of degraded and clean pictures.

A figure alone says little: PSNR and SSIM are read against doing nothing and against methods that are told
where the damage is. So this command always measures them together, on the same pictures, and leaves a record
that says what was measured with what.

Examples:

    manage.py benchmark_metrics --data data/faces-val --out runs/benchmark
    manage.py benchmark_metrics --data data/faces-val --out runs/benchmark --model runs/first/best.safetensors
"""

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from mlcore.baselines import BASELINES
from mlcore.benchmark import Benchmark, choose_pairs, levels_of, model_method, run
from mlcore.benchmark_report import to_data, to_markdown, to_text
from mlcore.checkpoints import sha256_of
from mlcore.contact_sheet import draw_sheet, sheet_rows
from mlcore.dataset import Pair
from mlcore.degradation import LEVELS
from mlcore.errors import MlcoreError, PairingError
from mlcore.images import save_png
from mlcore.inference import Restorer
from mlcore.pairing import find_pairs
from restoration.management.standalone import StandaloneCommand, positive
from restoration.shipped_model import shipped_weights


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--model", type=Path, default=shipped_weights(), help="weights file (default: the shipped model)"
        )
        parser.add_argument("--data", type=Path, required=True, help="folder that degrade_dataset has made")
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            help="folder for benchmark.json, benchmark.md, contact_sheet.png",
        )
        parser.add_argument(
            "--levels", nargs="+", choices=LEVELS, metavar="LEVEL", help="(default: all that the data has)"
        )
        parser.add_argument("--limit", type=positive, help="pictures a level (default: all)")
        parser.add_argument(
            "--methods",
            nargs="+",
            choices=tuple(BASELINES),
            default=list(BASELINES),
            metavar="METHOD",
            help=f"classical methods to measure beside the model (default: {' '.join(BASELINES)})",
        )
        parser.add_argument(
            "--biharmonic-limit",
            type=positive,
            default=50,
            help="pictures a level for biharmonic inpainting, which is slow (default: %(default)s)",
        )
        parser.add_argument(
            "--samples",
            type=positive,
            default=2,
            help="pictures a level on the sheet (default: %(default)s)",
        )
        parser.add_argument(
            "--seed", type=int, default=0, help="draws pictures and bootstrap samples (default: %(default)s)"
        )
        parser.add_argument("--device", default="cpu", help="where the model runs (default: %(default)s)")

    def handle(self, **options: Any) -> None:
        try:
            restorer = Restorer.from_checkpoint(options["model"], device=options["device"])
            pairs = find_pairs(options["data"], options["levels"])
            methods = [
                *(BASELINES[name] for name in options["methods"]),
                model_method(restorer, title=options["model"].stem),
            ]
            with tqdm(desc="measuring", unit="picture", disable=options["verbosity"] == 0) as bar:

                def on_progress(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                benchmark = run(
                    pairs,
                    methods,
                    limit=options["limit"],
                    slow_limit=options["biharmonic_limit"],
                    seed=options["seed"],
                    on_progress=on_progress,
                )
            samples = choose_pairs(pairs, limit=options["samples"], seed=options["seed"])
            # Doing nothing is on the sheet already, as the degraded picture.
            sheet = draw_sheet(
                sheet_rows(samples, [method for method in methods if method.name != "nothing"])
            )
        except PairingError as error:
            raise CommandError("\n".join([error.message, *error.problems])) from error
        except MlcoreError as error:
            raise CommandError(error.message) from error
        self._write(options, restorer, pairs, benchmark, sheet)
        self.stdout.write(to_text(benchmark))
        self.stdout.write(f"\nwritten to {options['out']}: benchmark.json, benchmark.md, contact_sheet.png")

    def _write(
        self, options: dict[str, Any], restorer: Restorer, pairs: list[Pair], benchmark: Benchmark, sheet: Any
    ) -> None:
        out: Path = options["out"]
        record = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": _command_line(options),
            "model": {
                "path": str(options["model"]),
                "sha256": restorer.sha256,
                "metadata": restorer.metadata,
            },
            "data": {
                "path": str(options["data"]),
                "manifest_sha256": _hash_if_there(options["data"] / "manifest.jsonl"),
                "pairs": {level: sum(pair.level == level for pair in pairs) for level in levels_of(pairs)},
            },
            **to_data(benchmark),
        }
        title = f"{options['model'].stem} on {options['data'].name}"
        footer = (
            f"\nMeasured {record['created']} by\n\n    {record['command']}\n\n"
            f"Weights: SHA-256 {restorer.sha256}\n"
        )
        try:
            out.mkdir(parents=True, exist_ok=True)
            text = json.dumps(record, indent=1, allow_nan=False, default=str)
            (out / "benchmark.json").write_text(text + "\n", encoding="utf-8")
            (out / "benchmark.md").write_text(to_markdown(benchmark, title=title) + footer, encoding="utf-8")
            save_png(out / "contact_sheet.png", sheet)
        except OSError as error:
            raise CommandError(f"{out}: cannot be written ({error.strerror})") from error


def _hash_if_there(path: Path) -> str | None:
    return sha256_of(path) if path.is_file() else None


def _command_line(options: dict[str, Any]) -> str:
    """The options that decide what is measured, as one would type them."""
    words = ["manage.py", "benchmark_metrics"]
    for name in (
        "model",
        "data",
        "out",
        "levels",
        "limit",
        "methods",
        "biharmonic_limit",
        "samples",
        "seed",
        "device",
    ):
        value = options[name]
        if value is not None:
            values = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
    return shlex.join(words)
