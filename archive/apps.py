"""The archive as a Django app."""

import warnings

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _
from PIL import Image


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = _("Archive")

    def ready(self) -> None:
        from archive import signal_handlers  # noqa: F401  (connects its receivers; needs loaded models)
        from archive.events.guards import install_guards_after_migration
        from archive.finding.keeping import keep_catalogue, make_way_for_migrations
        from archive.logs import jobs  # noqa: F401  (connects its receivers)
        from archive.queue.schedule import ensure_scheduled
        from archive.queue.table import prepare_table

        post_migrate.connect(install_guards_after_migration, sender=self)
        pre_migrate.connect(make_way_for_migrations, sender=self)
        post_migrate.connect(keep_catalogue, sender=self)
        post_migrate.connect(prepare_table, sender=self)
        post_migrate.connect(ensure_scheduled, sender=self)

        # `sniff_image` holds every upload to PULIH_MAX_PIXELS before decoding. Where Pillow opens anything
        # else, it refuses what is larger: its warning counts as an error.
        Image.MAX_IMAGE_PIXELS = settings.PULIH_MAX_PIXELS
        warnings.simplefilter("error", Image.DecompressionBombWarning)
