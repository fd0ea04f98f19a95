"""Make a registered model the default of new restorations.

Refused for a model that is worse than the present default at any level, in PSNR or SSIM, or that was not
measured on the same pictures. --force overrules that; its reason is kept with the promotion.

Examples:

    manage.py promote_model faces 2
    manage.py promote_model faces 2 --force --reason "the default's file is lost"
"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from archive.errors import PulihError
from archive.management.documented import DocumentedCommand
from restoration import messages
from restoration.models import ModelVersion
from restoration.services import promote_model


class Command(DocumentedCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name that it is registered under")
        parser.add_argument("model_version", metavar="version", help="its version")
        parser.add_argument("--force", action="store_true", help="promote it whatever its figures")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; with --force, and kept")

    def handle(self, **options: Any) -> None:
        try:
            model_version = ModelVersion.objects.filter(
                name=options["name"], version=options["model_version"]
            ).first()
            if model_version is None:
                raise messages.state_error("restoration:model:unknown")
            promote_model(model_version=model_version, force=options["force"], reason=options["reason"])
        except PulihError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        self.stdout.write(f"{model_version} is the default of new restorations.")
