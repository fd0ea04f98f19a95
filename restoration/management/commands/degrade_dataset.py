"""Make a paired training set by damaging clean pictures in the paper's three levels.

Training Pix2Pix needs pairs, and nobody has a damaged photograph together with its undamaged self. A fourth
recipe, "archive", draws every kind of damage anywhere, on pictures of any sort.

    manage.py degrade_dataset photos/clean data/faces
    manage.py degrade_dataset photos/clean data/faces --levels light heavy --seed 7 --size 256 --strict
    manage.py degrade_dataset photos/clean data/any --levels archive
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from restoration.management.standalone import StandaloneCommand


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        from mlcore.degradation import LEVELS, RECIPES

        parser.add_argument("source", type=Path, metavar="SRC", help="folder of clean pictures")
        parser.add_argument("destination", type=Path, metavar="DST", help="folder for the data set")
        parser.add_argument("--levels", nargs="+", choices=RECIPES, default=list(LEVELS))
        parser.add_argument("--seed", type=int, default=0, help="run seed (default: 0)")
        parser.add_argument(
            "--size", type=int, help="centre-crop and scale to SIZE x SIZE pixels (default: keep sizes)"
        )
        parser.add_argument("--strict", action="store_true", help="exit 1 if any file could not be used")

    def handle(self, *args: Any, **options: Any) -> None:
        from mlcore.dataset_writer import write_pairs
        from mlcore.errors import PairingError

        source: Path = options["source"]
        if not source.is_dir():
            raise CommandError(f"{source}: there is no such folder")
        with tqdm(unit="picture", disable=options["verbosity"] == 0) as bar:

            def advance(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                report = write_pairs(
                    source,
                    options["destination"],
                    levels=options["levels"],
                    seed=options["seed"],
                    size=options["size"],
                    on_progress=advance,
                )
            except PairingError as error:
                raise CommandError(f"{error.message} [{error.code}]") from error
        for _name, reason in report.bad:
            self.stderr.write(f"bad: {reason}")
        self.stdout.write(f"{report.written} written, {report.kept} kept, {len(report.bad)} bad")
        if report.bad and options["strict"]:
            raise CommandError(f"{len(report.bad)} files could not be used")
        if not report.written and not report.kept:
            raise CommandError(f"{source}: no usable picture")
