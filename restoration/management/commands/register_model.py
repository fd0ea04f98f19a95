"""Register a weights file, so that restorations can say which model made them, and by which bytes.

Only safetensors are read: they hold numbers and no code. The network that the file names is built and filled
before anything is written. The first model becomes the default of new restorations; a later one by
promote_model. Registering the same file again brings its description up to date.

Examples:

    manage.py register_model runs/first/best.safetensors
    manage.py register_model best.safetensors --name faces --ver 2 --benchmark runs/b/benchmark.json
    manage.py register_model best.safetensors --card card.md --log log.jsonl --licence "CC BY 4.0"
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.errors import PulihError
from archive.management.documented import DocumentedCommand
from restoration.registry.registration import register_weights


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a weights file that train_pix2pix wrote")
        parser.add_argument("--name", help="what people call the model (default: the file's name)")
        # Not --version, which every command of Django's has for another purpose.
        parser.add_argument(
            "--ver", metavar="VERSION", help="(default: the first 12 digits of the file's SHA-256)"
        )
        parser.add_argument(
            "--benchmark", type=Path, metavar="JSON", help="what benchmark_metrics measured of these weights"
        )
        parser.add_argument(
            "--further-benchmark",
            type=Path,
            nargs="+",
            default=[],
            metavar="JSON",
            help="measured on other sets of pictures, for the range that restorations are told to expect: of "
            "portraits where a set's name begins with faces, else of photographs in general",
        )
        parser.add_argument("--card", type=Path, metavar="MARKDOWN", help="the model card")
        parser.add_argument("--log", type=Path, metavar="JSONL", help="the log of the training run")
        parser.add_argument("--licence", default="", metavar="TEXT", help="licence of the training data")

    def handle(self, **options: Any) -> None:
        try:
            model_version = register_weights(
                options["path"],
                name=options["name"],
                version=options["ver"],
                benchmark=options["benchmark"],
                further_benchmarks=options["further_benchmark"],
                card=options["card"],
                log=options["log"],
                data_licence=options["licence"],
            )
        except PulihError as error:
            raise CommandError(f"{options['path']}: {error.message} [{error.code}]") from error
        model_version.refresh_from_db()
        role = "the default of new restorations" if model_version.is_default else "not the default"
        self.stdout.write(f"{model_version} ({model_version.weights_sha256}) is registered, {role}.")
