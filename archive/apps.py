"""The archive as a Django app."""

from django.apps import AppConfig
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
        from archive.queue.schedule import ensure_scheduled

        post_migrate.connect(install_guards_after_migration, sender=self)
        pre_migrate.connect(make_way_for_migrations, sender=self)
        post_migrate.connect(keep_catalogue, sender=self)
        post_migrate.connect(ensure_scheduled, sender=self)

        # `sniff_image` holds every upload to PULIH_MAX_PIXELS before decoding. Pillow's own limit lies
        # elsewhere and would warn, or raise, about scans that the settings allow.
        Image.MAX_IMAGE_PIXELS = None
