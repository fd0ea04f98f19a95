"""What the queue calls for files that come in. A task takes an id and calls services."""

from __future__ import annotations

import logging
from uuid import UUID

from archive.files.room import is_full
from archive.files.stores import StoreUnavailableError
from archive.importing.bags import continue_bag_import
from archive.importing.running import continue_zip_import
from archive.models import ImportRun
from archive.services import claim_import, put_off_import, sweep_imports, sweep_leftovers, sweep_uploads

logger = logging.getLogger(__name__)


def continue_import(run_id: str) -> str:
    """Go on with the import of a ZIP or bag for a while. Returns a word for the queue's log."""
    run = claim_import(run_id=UUID(run_id))
    if run is None:
        return "nothing to do"
    go_on = continue_bag_import if run.source == ImportRun.Source.BAG else continue_zip_import
    try:
        return "done" if go_on(run) else "to be continued"
    except Exception as error:
        if not (is_full(error) or isinstance(error, StoreUnavailableError)):
            raise
        logger.error("import %s: %s", run.pk, error)
        put_off_import(run=run)
        return "put off"


def sweep_ingest() -> str:
    """Bring back imports that a dead worker dropped, and remove uploads that nobody goes on with; scheduled
    every minute.
    """
    imports = sweep_imports()
    return f"{imports} imports queued again, {sweep_uploads()} uploads removed"


def sweep_left_files() -> str:
    """Remove files that something broken off has left; scheduled every hour."""
    return f"{sweep_leftovers()} files removed"
