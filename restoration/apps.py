"""The restoration app: model registry, restorations, reviews and their background work."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RestorationConfig(AppConfig):
    """Connects the app's checks, its one file-keeping receiver and the sweep's schedule."""

    name = "restoration"
    verbose_name = _("Restoration")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from restoration import checks, schedule, signal_handlers  # noqa: F401  (receivers connect on import)

        checks.register_checks()
        post_migrate.connect(schedule.ensure_sweep_is_scheduled, sender=self)
