"""Measure a model, beside every classical method, on damaged pictures whose clean selves are known.

A figure alone says little: PSNR and SSIM are read against doing nothing and against methods that are told
where the damage is. So this command always measures them together, on the same pictures, and leaves a record
that says what was measured with what. At the end stands which of the project's own goals are met.

Pictures come as pairs that degrade_dataset has made, or clean, from folders and tar files, and are then
damaged on the fly with one seed or several, each as degrade_dataset would do it with that seed.

Examples:

    manage.py benchmark_metrics --data data/faces-val --out runs/benchmark
    manage.py benchmark_metrics --data data/faces-val --out runs/benchmark --model runs/first/best.safetensors
    manage.py benchmark_metrics --clean faces-val.tar photos/ --seeds 0 1 2 3 4 --intact --out runs/all
"""

import json
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from mlcore.arguments import positive
from mlcore.bars import judge
from mlcore.baselines import BASELINES
from mlcore.benchmark import MODEL, model_method, run
from mlcore.benchmark_cases import Subject, choose, clean_subjects, groups_of, levels_of, paired_subjects
from mlcore.benchmark_report import to_data, to_markdown, to_text
from mlcore.checkpoints import sha256_of
from mlcore.contact_sheet import draw_sheet, sheet_rows
from mlcore.degradation import LEVELS
from mlcore.errors import MlcoreError, PairingError
from mlcore.identity import REQUIREMENTS
from mlcore.images import Bytes, save_png
from mlcore.inference import MOST_LOOKS, Restorer
from mlcore.pairing import find_pairs
from restoration.management.standalone import StandaloneCommand
from restoration.registry.shipped_model import shipped_weights

# The options that decide what is measured, for the record.
RECORDED = (
    *("model", "data", "clean", "seeds", "size", "out", "levels", "limit", "methods", "slow_limit", "intact"),
    *("identity", "samples", "seed", "workers", "thorough", "device"),
)


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--model", type=Path, default=shipped_weights(), help="weights file (default: the shipped model)"
        )
        pictures = parser.add_mutually_exclusive_group(required=True)
        pictures.add_argument("--data", type=Path, help="folder that degrade_dataset has made")
        pictures.add_argument(
            "--clean",
            type=Path,
            nargs="+",
            action="extend",
            metavar="DIR_OR_TAR",
            help="clean pictures to damage here; figures come for each of them and over all",
        )
        parser.add_argument(
            "--seeds",
            type=int,
            nargs="+",
            metavar="SEED",
            help="of the damage, with --clean: each picture is damaged at each level with each (default: 0)",
        )
        parser.add_argument(
            "--size",
            type=positive,
            help="with --clean: centre-crop and scale to SIZE x SIZE pixels (default: whole)",
        )
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            help="folder for benchmark.json, benchmark.md, contact_sheet.png",
        )
        parser.add_argument(
            "--levels", nargs="+", choices=LEVELS, metavar="LEVEL", help="(default: all that the data has)"
        )
        parser.add_argument(
            "--limit", type=positive, help="pictures of each of the --clean, or of --data (default: all)"
        )
        parser.add_argument(
            "--methods",
            nargs="+",
            choices=tuple(BASELINES),
            default=list(BASELINES),
            metavar="METHOD",
            help=f"classical methods to measure beside the model (default: {' '.join(BASELINES)})",
        )
        slow = " ".join(method.name for method in BASELINES.values() if method.slow)
        parser.add_argument(
            "--slow-limit",
            type=positive,
            default=50,
            help=f"pictures for what is slow ({slow}, --identity), of each --clean (default: %(default)s)",
        )
        parser.add_argument(
            "--intact", action="store_true", help="restore undamaged pictures too, and grey ones"
        )
        parser.add_argument(
            "--identity", action="store_true", help=f"compare faces too; needs {REQUIREMENTS}"
        )
        parser.add_argument(
            "--samples",
            type=positive,
            default=2,
            help="pictures on the sheet, each at every level (default: %(default)s)",
        )
        parser.add_argument(
            "--seed", type=int, default=0, help="draws pictures and bootstrap samples (default: %(default)s)"
        )
        parser.add_argument(
            "--workers",
            type=positive,
            default=1,
            help="processes of one thread each; a model on an accelerator stays in one (default: all in one)",
        )
        parser.add_argument(
            "--thorough",
            action="store_true",
            help="have the model look from eight sides; its rows are named so",
        )
        parser.add_argument("--device", default="cpu", help="where the model runs (default: %(default)s)")

    def handle(self, **options: Any) -> None:
        if options["data"] and (options["seeds"] or options["size"]):
            raise CommandError("--seeds and --size are for --clean; the pairs of --data are damaged already")
        title = f"{options['model'].stem}, thorough" if options["thorough"] else options["model"].stem
        try:
            restorer = _load(options)
            subjects = _subjects(options)
            methods = [
                *(BASELINES[name] for name in options["methods"]),
                model_method(
                    restorer,
                    title=title,
                    # One process has it in memory already.
                    weights=options["model"] if options["workers"] > 1 else None,
                ),
            ]
            chosen = choose(subjects, limit=options["limit"], seed=options["seed"])
            with tqdm(desc="measuring", unit="job", disable=options["verbosity"] == 0) as bar:

                def on_progress(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                benchmark = run(
                    chosen,
                    methods,
                    slow_limit=options["slow_limit"],
                    seed=options["seed"],
                    workers=options["workers"],
                    intact=options["intact"],
                    identity=options["identity"],
                    on_progress=on_progress,
                )
            # Doing nothing is on the sheet already, as the degraded picture.
            shown = [method for method in methods if method.name != "nothing"]
            samples = choose(subjects, limit=options["samples"], seed=options["seed"])
            sheet = draw_sheet(sheet_rows(samples, shown))
        except PairingError as error:
            raise CommandError("\n".join([error.message, *error.problems])) from error
        except MlcoreError as error:
            raise CommandError(error.message) from error
        bars = judge(benchmark, method=MODEL, seed=options["seed"])
        record = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": _command_line(options),
            "model": {
                "path": _shown(options["model"]),
                "sha256": restorer.sha256,
                "metadata": restorer.metadata,
            },
            "data": _describe(options, subjects),
            **to_data(benchmark, bars),
        }
        heading = f"{title} on {' and '.join(groups_of(subjects))}"
        _write(options["out"], record, to_markdown(benchmark, bars, title=heading), sheet)
        self.stdout.write(to_text(benchmark, bars))
        self.stdout.write(f"\nwritten to {options['out']}: benchmark.json, benchmark.md, contact_sheet.png")


def _load(options: dict[str, Any]) -> Restorer:
    """The model as the options want it; CommandError for one that has no damage finder to be thorough."""
    looks = MOST_LOOKS if options["thorough"] else 1
    try:
        return Restorer.from_checkpoint(options["model"], device=options["device"], looks=looks)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _subjects(options: dict[str, Any]) -> Sequence[Subject]:
    if options["data"]:
        return paired_subjects(find_pairs(options["data"], options["levels"]), options["data"].name)
    subjects = clean_subjects(
        options["clean"],
        levels=[level for level in LEVELS if level in (options["levels"] or LEVELS)],
        seeds=options["seeds"] or [0],
        size=options["size"],
    )
    if not subjects:
        raise CommandError(f"{' '.join(map(str, options['clean']))}: no picture there")
    return subjects


def _describe(options: dict[str, Any], subjects: Sequence[Subject]) -> dict[str, Any]:
    """What the pictures were, for the record."""
    count = {
        group: {
            level: sum(level in subject.levels for subject in subjects if subject.group == group)
            for level in levels_of(subjects)
        }
        for group in groups_of(subjects)
    }
    if options["data"]:
        manifest = options["data"] / "manifest.jsonl"
        return {
            "path": str(options["data"]),
            "manifest_sha256": sha256_of(manifest) if manifest.is_file() else None,
            "pairs": count[options["data"].name],
        }
    return {
        "clean": [
            {"path": str(source), "sha256": sha256_of(source) if source.is_file() else None}
            for source in options["clean"]
        ],
        "pictures": count,
        "seeds": options["seeds"] or [0],
        "size": options["size"],
    }


def _write(out: Path, record: dict[str, Any], markdown: str, sheet: Bytes) -> None:
    footer = (
        f"\nMeasured {record['created']} by\n\n    {record['command']}\n\n"
        f"Weights: SHA-256 {record['model']['sha256']}\n"
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=1, allow_nan=False, default=str)
        (out / "benchmark.json").write_text(text + "\n", encoding="utf-8")
        (out / "benchmark.md").write_text(markdown + footer, encoding="utf-8")
        save_png(out / "contact_sheet.png", sheet)
    except OSError as error:
        raise CommandError(f"{out}: cannot be written ({error.strerror})") from error


def _command_line(options: dict[str, Any]) -> str:
    """The options that decide what is measured, as one would type them."""
    words = ["manage.py", "benchmark_metrics"]
    for name in RECORDED:
        value = options[name]
        if value is not None and value is not False:
            values = value if isinstance(value, list) else [] if value is True else [value]
            words += [f"--{name.replace('_', '-')}", *map(_shown, values)]
    return shlex.join(words)


def _shown(value: object) -> str:
    """An option's value as one would type it here: paths below this folder without the way to it."""
    inside = isinstance(value, Path) and value.is_absolute() and value.is_relative_to(Path.cwd())
    return str(value.relative_to(Path.cwd()) if isinstance(value, Path) and inside else value)
