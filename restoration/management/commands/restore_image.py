"""Restore one picture, or every picture below a folder, without a database, an account or a worker.

For trying a model, and for whoever wants the restoration and not the archive. Results are PNG files; they
carry the original's colour profile, resolution and metadata and say that a trained network had a hand in
them. Originals are only read. A result that exists already is kept, so an interrupted run simply goes on;
--overwrite makes it anew.

Examples:

    manage.py restore_image torn.jpg restored.png
    manage.py restore_image scans/ restored/ --model runs/first/best.safetensors --tile 512 --overlap 96
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from archive.errors import InputError
from archive.sniffing import sniff_image
from mlcore.errors import CheckpointError
from mlcore.images import find_images
from mlcore.inference import Restorer
from restoration.management.standalone import StandaloneCommand
from restoration.originals import in_its_colours, open_original
from restoration.results import SUFFIX, write_result
from restoration.shipped_model import shipped_weights


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to restore, and where its result goes."""

    source: Path
    target: Path


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="IN", type=Path, help="a picture, or a folder of pictures")
        parser.add_argument(
            "target", metavar="OUT", type=Path, help="a PNG file to write, or a folder for the results"
        )
        parser.add_argument(
            "--model", type=Path, default=shipped_weights(), help="weights file (default: the shipped model)"
        )
        parser.add_argument(
            "--tile",
            type=int,
            default=1024,
            help="side in pixels of the largest square processed in one piece (default: %(default)s)",
        )
        parser.add_argument(
            "--overlap", type=int, default=64, help="pixels that tiles share, at least (default: %(default)s)"
        )
        parser.add_argument("--device", default="cpu", help="where the model runs (default: %(default)s)")
        parser.add_argument("--overwrite", action="store_true", help="make results anew that exist already")

    def handle(self, **options: Any) -> None:
        jobs = _plan(options["source"], options["target"])
        _check_originals_are_safe(jobs)
        waiting = [job for job in jobs if options["overwrite"] or not job.target.exists()]
        if options["source"].is_file() and not waiting:
            raise CommandError(f"{options['target']} exists already; --overwrite makes it anew")
        try:
            restorer = Restorer.from_checkpoint(
                options["model"], device=options["device"], tile=options["tile"], overlap=options["overlap"]
            )
        except CheckpointError as error:
            raise CommandError(error.message) from error
        except ValueError as error:
            raise CommandError(str(error)) from error

        failures: list[str] = []
        for job in tqdm(waiting, desc="restoring", unit="picture", disable=options["verbosity"] == 0):
            try:
                _restore(restorer, job, show_tiles=options["verbosity"] > 0)
            except InputError as error:
                failures.append(f"{job.source}: {error.message}")
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


def _restore(restorer: Restorer, job: Job, *, show_tiles: bool) -> None:
    """Restore one picture; its result appears whole or not at all. Raises InputError or OSError."""
    sniff_image(job.source)
    original = open_original(job.source)
    with tqdm(desc=job.source.name, unit="tile", leave=False, disable=not show_tiles) as bar:

        def on_tile(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        pixels = restorer.restore(original.pixels, on_tile, keep_mask=False).image
    job.target.parent.mkdir(parents=True, exist_ok=True)
    temporary = job.target.with_name(f".{job.target.name}.part")
    try:
        write_result(temporary, in_its_colours(pixels, original), original.metadata)
        temporary.replace(job.target)
    finally:
        temporary.unlink(missing_ok=True)


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
        return [Job(source, target / f"{source.stem}{SUFFIX}")]
    if target.suffix.lower() != SUFFIX:
        raise CommandError(
            f"{target}: results are PNG; name a file that ends in {SUFFIX}, or a folder that exists"
        )
    return [Job(source, target)]


def _side_by_side(pictures: list[Path], source: Path, target: Path) -> list[Job]:
    """The same tree below ``target``; a.jpg and a.tif, which would meet as a.png, keep their endings."""
    plain = {path: (target / path.relative_to(source)).with_suffix(SUFFIX) for path in pictures}
    taken = Counter(plain.values())
    return [
        Job(path, wanted if taken[wanted] == 1 else wanted.with_name(f"{path.name}{SUFFIX}"))
        for path, wanted in plain.items()
    ]


def _check_originals_are_safe(jobs: list[Job]) -> None:
    """CommandError if any result would be written over any picture that is read."""
    sources = {job.source.resolve() for job in jobs}
    for job in jobs:
        if job.target.resolve() in sources or (job.target.exists() and job.target.samefile(job.source)):
            raise CommandError(
                f"{job.target} is one of the originals and would be overwritten; name another OUT"
            )
