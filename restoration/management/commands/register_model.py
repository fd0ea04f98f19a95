"""Register a weights file, so that restorations can say which model made them, and by which bytes.

The first model becomes the default of new restorations; a later one only by --promote, and only if it is at
least as good as the present default at every level. Registering the same file twice changes nothing.

Examples:

    manage.py register_model runs/first/best.safetensors
    manage.py register_model runs/second/best.safetensors --name faces --model-version 2 --promote
"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.errors import PulihError
from restoration.management.standalone import DocumentedCommand
from restoration.registration import register_weights
from restoration.services import promote_model


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a weights file that train_pix2pix wrote")
        parser.add_argument("--name", help="what people call the model (default: the file's name)")
        # Not --version, which every command of Django's has for another purpose.
        parser.add_argument("--model-version", help="(default: the first 12 digits of the file's SHA-256)")
        parser.add_argument("--promote", action="store_true", help="make it the default")
        parser.add_argument(
            "--even-if-worse",
            action="store_true",
            help="promote it whatever its figures, for instance because the default's file is lost",
        )

    def handle(self, **options: Any) -> None:
        try:
            model_version = register_weights(
                options["path"], name=options["name"], version=options["model_version"]
            )
            if options["promote"]:
                promote_model(model_version=model_version, even_if_worse=options["even_if_worse"])
        except PulihError as error:
            raise CommandError(f"{options['path']}: {error.message}") from error
        model_version.refresh_from_db()
        role = "the default of new restorations" if model_version.is_default else "not the default"
        self.stdout.write(f"{model_version} ({model_version.weights_sha256}) is registered, {role}.")
