"""Train Pix2Pix on pairs that degrade_dataset wrote, or on clean pictures that are damaged on the way.

Training is a command and not a background task: it takes hours and all cores, and restorations must not wait
behind it. A run that was stopped, however, goes on exactly with --resume: after Ctrl-C, a limit of time
(--max-minutes), a crash or a full disk.

    manage.py train_pix2pix --data data/faces --out runs/first
    manage.py train_pix2pix --data data/faces --out runs/paper --preset paper --epochs 20
    manage.py train_pix2pix --data data/faces --out runs/first --resume
    manage.py train_pix2pix --clean faces.tar photos --val data/val --out runs/second --ema 0.998

    manage.py train_pix2pix --clean a.tar --val v.tar --out runs/gpu --preset accelerator --device cuda
    manage.py train_pix2pix --data data/faces --out runs/evening --minutes 90 --export shared/evening

Several GPUs, one process each: torchrun --nproc-per-node=2 manage.py train_pix2pix ... --device cuda
The same without Django, with the same options: python -m examples.train_without_django ...
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from restoration.management.standalone import StandaloneCommand


class Command(StandaloneCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        from mlcore.training_options import add_options

        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        from mlcore.errors import MlcoreError, PairingError
        from mlcore.training_program import run_program

        muted = options["verbosity"] == 0
        try:
            run_program(options, self.stdout.write, lambda unseen: tqdm(unit="", disable=muted or unseen))
        except PairingError as error:
            for problem in error.problems:
                self.stderr.write(f"bad pair: {problem}")
            raise CommandError(f"{error.message} [{error.code}]") from error
        except MlcoreError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
