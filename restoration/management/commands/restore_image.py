"""Restore one picture, or every picture below a folder, without a database, an account or a worker.

For trying a model, and for whoever wants the restoration and not the archive. A TIFF becomes a TIFF, a JPEG a
JPEG, everything else a PNG; where OUT is a file, its ending decides. Results keep the original's depth,
colours, profile, resolution and metadata, and say that a trained network had a hand in them. Originals are
only read. A result that exists already is kept, so an interrupted run simply goes on; --overwrite makes it
anew. What else became of a file (conversions, what was left out), and why measured quality says little of it,
goes to stderr (not with --verbosity 0).

Examples:

    manage.py restore_image torn.tif restored.tif
    manage.py restore_image torn.jpg restored.png --strength 70 --hand hand.png --repair repair.tif
    manage.py restore_image scans/ restored/ --model runs/first/best.safetensors --quick
    manage.py restore_image faded.tif restored.tif --thorough
"""

import argparse
import io
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import CommandError, CommandParser
from django.utils import translation
from PIL import Image
from tqdm import tqdm

from archive.errors import InputError
from archive.formats.sniffing import sniff_image
from mlcore.errors import CheckpointError, MasterError, MlcoreError
from mlcore.images import find_images
from mlcore.inference import MOST_LOOKS, FileReport, Hand, Restorer, expected_ranges, warnings_for
from mlcore.masters import Marking, ResultFormat, result_format_of
from restoration.management.standalone import StandaloneCommand
from restoration.messages import warning_sentence
from restoration.presentation.file_notes import note_sentences
from restoration.registry.shipped_model import benchmarks_beside, shipped_weights
from restoration.running.hands import checked_hand
from restoration.running.making import SOFTWARE

SUFFIXES: dict[ResultFormat, str] = {"tiff": ".tif", "png": ".png", "jpeg": ".jpg"}
FORMATS: dict[str, ResultFormat] = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to restore, where its result goes, and in which format (None: as the picture is)."""

    source: Path
    target: Path
    format: ResultFormat | None = None


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="IN", type=Path, help="a picture, or a folder of pictures")
        parser.add_argument(
            "target", metavar="OUT", type=Path, help="a file to write, or a folder for the results"
        )
        parser.add_argument(
            "--model", type=Path, default=shipped_weights(), help="weights file (default: the shipped model)"
        )
        parser.add_argument(
            "--strength",
            type=_percent,
            default=100,
            metavar="PERCENT",
            help="how much of the repair is blended in (default: %(default)s)",
        )
        parser.add_argument(
            "--hand",
            type=Path,
            metavar="PNG",
            help="what you know better, drawn in grey on the upright picture: 255 repair, 128 protect",
        )
        parser.add_argument(
            "--repair", type=Path, metavar="TIFF", help="also write what is changed, before --strength"
        )
        parser.add_argument(
            "--quick", action="store_true", help="8-bit arithmetic on a CPU: faster, a little worse"
        )
        parser.add_argument(
            "--thorough",
            action="store_true",
            help="look from eight sides: finds more, errs less, takes three to four times as long",
        )
        parser.add_argument(
            "--engine",
            default="auto",
            choices=["auto", "torch", "openvino"],
            help="what runs the model on a CPU (default: the faster that there is)",
        )
        parser.add_argument(
            "--tile", type=int, help="side in pixels of the largest square processed in one piece"
        )
        parser.add_argument("--overlap", type=int, help="pixels that tiles share, at least")
        parser.add_argument("--threads", type=int, help="CPU threads (default: all cores)")
        parser.add_argument(
            "--device",
            default="auto",
            help="where the model runs: cpu, cuda, or auto, CUDA where there is some (default: %(default)s)",
        )
        parser.add_argument("--overwrite", action="store_true", help="make results anew that exist already")

    def handle(self, **options: Any) -> None:
        jobs = _plan(options["source"], options["target"])
        _check_originals_are_safe(jobs, options["repair"])
        if options["source"].is_dir() and (options["hand"] or options["repair"]):
            raise CommandError("--hand and --repair belong to one picture, not to a folder")
        waiting = [job for job in jobs if options["overwrite"] or not job.target.exists()]
        if options["source"].is_file() and not waiting:
            raise CommandError(f"{options['target']} exists already; --overwrite makes it anew")
        restorer = _load(options)
        expected = _expected(options["model"])

        failures: list[str] = []
        for job in tqdm(waiting, desc="restoring", unit="picture", disable=options["verbosity"] == 0):
            try:
                report = _restore(restorer, job, options)
                if options["verbosity"]:
                    self._remark(job, report, expected)
            except (InputError, MlcoreError) as error:
                # mlcore names the file already, without its folder.
                failures.append(f"{job.source}: {error.message.removeprefix(f'{job.source.name}: ')}")
            except MemoryError:
                failures.append(f"{job.source}: not enough memory; try a smaller --tile")
            except OSError as error:
                failures.append(f"{job.source}: {error}")
        restored, kept = len(waiting) - len(failures), len(jobs) - len(waiting)
        self.stdout.write(f"{restored} restored, {kept} there already, {len(failures)} failed")
        for failure in failures:
            self.stderr.write(failure)
        if failures:
            raise CommandError(f"{len(failures)} of {len(jobs)} pictures could not be restored")

    def _remark(self, job: Job, report: FileReport, expected: dict[str, Any]) -> None:
        """Say above the bars what a person should know of this result."""
        warnings = warnings_for(report, report.height, report.width, expected)
        with translation.override("en"), tqdm.external_write_mode(sys.stderr):
            for sentence in [*map(warning_sentence, warnings), *note_sentences(report.notes)]:
                self.stderr.write(f"{job.source}: {sentence}", self.style.WARNING)


def _load(options: dict[str, Any]) -> Restorer:
    """The model as the options want it; CommandError where they cannot be had."""
    chosen = ("device", "engine", "quick", "tile", "overlap", "threads")
    try:
        return Restorer.from_checkpoint(
            options["model"],
            looks=MOST_LOOKS if options["thorough"] else 1,
            **{name: options[name] for name in chosen if options[name] is not None},
        )
    except CheckpointError as error:
        raise CommandError(error.message) from error
    except ValueError as error:
        raise CommandError(str(error)) from error


def _expected(model: Path) -> dict[str, Any]:
    """What the benchmarks beside the weights let expect; nothing where there is none that can be read."""
    records = [model.with_suffix(".json"), *benchmarks_beside(model)]
    try:
        return expected_ranges(*(json.loads(record.read_text(encoding="utf-8")) for record in records))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _restore(restorer: Restorer, job: Job, options: dict[str, Any]) -> FileReport:
    """Restore one picture; its result appears whole or not at all. InputError, MlcoreError or OSError."""
    hand = _hand(options["hand"], job.source) if options["hand"] else None
    job.target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=job.target.parent, prefix=".restoring-") as scratch,
        tqdm(desc=job.source.name, unit="step", leave=False, disable=options["verbosity"] == 0) as bar,
    ):

        def on_step(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return restorer.restore_file(
            job.source,
            job.target,
            format=job.format,
            strength=options["strength"] / 100,
            hand=hand,
            marking=Marking(
                software=SOFTWARE,
                model=options["model"].stem,
                model_sha256=restorer.sha256,
                date=datetime.now(UTC),
            ),
            repair_path=options["repair"],
            scratch=Path(scratch),
            on_progress=on_step,
        )


def _hand(path: Path, source: Path) -> Hand | None:
    """The hand drawn for a picture; InputError where it does not fit, OSError where it is not there."""
    picture = sniff_image(source)
    drawn = checked_hand(path.read_bytes(), width=picture.width, height=picture.height)
    if drawn is None:
        return None
    with Image.open(io.BytesIO(drawn)) as image:
        return Hand.from_grey(np.asarray(image))


def _plan(source: Path, target: Path) -> list[Job]:
    """Every picture of ``source`` and where its result goes; CommandError where that is impossible."""
    if source.is_dir():
        if target.is_file():
            raise CommandError(f"{target} is a file; a folder of pictures needs a folder for its results")
        # What an earlier run put into a folder inside the source is no picture to restore again.
        pictures = [
            path for path in find_images(source) if not path.is_relative_to(target) or target == source
        ]
        if not pictures:
            raise CommandError(f"{source}: no pictures found")
        return _side_by_side(pictures, source, target)
    if not source.exists():
        raise CommandError(f"{source}: no such file or folder")
    if target.is_dir():
        return [Job(source, (target / source.name).with_suffix(_suffix(source)))]
    if target.suffix.lower() not in FORMATS:
        raise CommandError(
            f"{target}: name a file that ends in {', '.join(SUFFIXES.values())}, or a folder that exists"
        )
    return [Job(source, target, FORMATS[target.suffix.lower()])]


def _side_by_side(pictures: list[Path], source: Path, target: Path) -> list[Job]:
    """The same tree below ``target``; a.png and a.bmp, which would meet as a.png, keep their endings."""
    suffixes = {path: _suffix(path) for path in pictures}
    plain = {path: (target / path.relative_to(source)).with_suffix(suffixes[path]) for path in pictures}
    taken = Counter(plain.values())
    return [
        Job(path, wanted if taken[wanted] == 1 else wanted.with_name(f"{path.name}{suffixes[path]}"))
        for path, wanted in plain.items()
    ]


def _suffix(source: Path) -> str:
    """What the result's name ends in; for what is no picture, its own: it will fail when its turn comes."""
    try:
        return SUFFIXES[result_format_of(source)]
    except MasterError:
        return source.suffix


def _percent(text: str) -> int:
    """A whole number from 0 to 100, as an argument's type."""
    number = int(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("must be from 0 to 100")
    return number


def _check_originals_are_safe(jobs: list[Job], repair: Path | None) -> None:
    """CommandError if anything would be written over any picture that is read."""
    sources = {job.source.resolve() for job in jobs}
    written = [(target, job.source) for job in jobs for target in (job.target, repair) if target]
    for target, source in written:
        if target.resolve() in sources or (target.exists() and target.samefile(source)):
            raise CommandError(f"{target} is one of the originals and would be overwritten; name another OUT")
