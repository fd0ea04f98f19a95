"""The archive as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from PIL import Image


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = _("Archive")

    def ready(self) -> None:
        from archive import signal_handlers  # noqa: F401  (connects its receivers; needs loaded models)

        # `sniff_image` holds every upload to PULIH_MAX_PIXELS before decoding. Pillow's own limit lies
        # elsewhere and would warn, or raise, about scans that the settings allow.
        Image.MAX_IMAGE_PIXELS = None
