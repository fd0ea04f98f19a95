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
        from archive.arrivals import on_arrival
        from archive.events.types import register_event_types
        from archive.files.derivatives import register_derivatives
        from archive.files.holdings import register_holdings
        from archive.iiif.pictures import register_pictures
        from archive.queue.queues import Queue, register_tasks
        from archive.webhooks.kinds import register_hook_kinds
        from restoration import (
            checks,
            schedule,
            services,
            signal_handlers,  # noqa: F401  (receivers connect on import)
        )
        from restoration.iiif.pictures import RestoredPictures
        from restoration.keeping import bags, events, finding, holdings, webhooks
        from restoration.services.requests import RUN_RESTORATION
        from restoration.services.samples import RESTORE_SAMPLES

        checks.register_checks()
        register_event_types(events.EVENT_TYPES)
        register_hook_kinds(webhooks.HOOK_KINDS)
        register_tasks(Queue.RESTORATION, RUN_RESTORATION, RESTORE_SAMPLES)
        on_arrival(services.restore_if_wanted)
        finding.register_finding()
        register_derivatives(bags.Restorations())
        register_pictures(RestoredPictures())
        register_holdings(
            holdings.restoration_holdings,
            owners=holdings.photos_of_restorations,
            names=holdings.names_file,
            in_flight=holdings.work_is_in_flight,
        )
        post_migrate.connect(schedule.ensure_sweep_is_scheduled, sender=self)
