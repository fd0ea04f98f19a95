"""What the queue calls. A task takes an id, calls services, and decides what a failure means."""

from __future__ import annotations

import logging
from uuid import UUID

from archive.errors import InputError, StateError
from archive.files.room import is_full
from archive.files.storage import Area, StoredFile, placing
from archive.files.stores import StoreUnavailableError
from archive.models import Collection
from archive.zooming.orders import wanted_tiles
from archive.zooming.pyramids import needs_tiles
from restoration import services
from restoration.errors import EngineError
from restoration.models import ModelVersion, RequestBatch, Restoration
from restoration.presentation.batch_mail import mail_finished_batch
from restoration.running.heartbeat import Heartbeat
from restoration.running.stored_files import result_file
from restoration.services import (
    claim_restoration,
    claim_sample_run,
    claim_telling,
    close_finished_batches,
    complete_restoration,
    discard_unused_files,
    fail_restoration,
    finish_sample_run,
    note_failed_mail,
    sweep_restorations,
    sweep_sample_runs,
)

logger = logging.getLogger(__name__)


def run_restoration(restoration_id: str) -> str:
    """Restore one photo, if it still waits. Returns a word for the queue's log.

    Expected trouble ends in a FAILED row and a normal return. A timeout (django-q2 raises SystemExit) and
    anything unexpected end in a FAILED row too, and go on to the queue, which keeps the traceback.
    """
    restoration = claim_restoration(restoration_id=UUID(restoration_id))
    if restoration is None:
        return "nothing to do"
    try:
        _restore(restoration)
    except StateError as error:
        logger.warning("restoration %s: %s", restoration.id, error)
        return error.code
    except (EngineError, InputError) as error:
        return _fail(restoration, error.code, error.message)
    except MemoryError:
        return _fail(restoration, "restoration:engine:out-of-memory")
    except SystemExit:
        _fail(restoration, "restoration:engine:timeout")
        raise
    except Exception as error:
        if code := _what_passes(error):
            logger.error("restoration %s: %s", restoration.id, error)
            return _fail(restoration, code)
        _fail(restoration, "restoration:engine:unexpected")
        raise
    return "done"


def restore_samples(model_version_id: str) -> str:
    """Restore the sample pictures with one model, if that still waits. Fails as `run_restoration` does."""
    model_version = claim_sample_run(model_version_id=UUID(model_version_id))
    if model_version is None:
        return "nothing to do"
    code = "restoration:engine:unexpected"
    try:
        # Imported here, as the engine below.
        from restoration.registry import sampling

        sampling.restore_samples(model_version)
        code = ""
    except (EngineError, InputError) as error:
        code = error.code
    except MemoryError:
        code = "restoration:engine:out-of-memory"
    except StoreUnavailableError as error:
        logger.error("sample pictures: %s", error)
        code = "restoration:engine:storage-unavailable"
    except SystemExit:
        code = "restoration:engine:timeout"
        raise
    finally:
        finish_sample_run(model_version_id=model_version.pk, error_code=code)
    return code or "done"


def fill_sample_collection(collection_id: str) -> str:
    """Bring the pictures of a sample collection, and the model that restores them if there is none yet."""
    # Imported here, as the engine below.
    from restoration.registry.registration import register_shipped_model

    collection = Collection.objects.present().filter(pk=UUID(collection_id)).first()
    if collection is None:
        return "nothing to do"
    if not ModelVersion.objects.default().exists():
        register_shipped_model()
    return f"{services.fill_sample_collection(collection=collection)} pictures"


def sweep() -> str:
    """Bring back what a dead worker dropped, restorations and sample runs; scheduled every minute."""
    samples = sweep_sample_runs()
    return f"{sweep_restorations()}; {samples} sample runs queued again"


def tell_finished_batches() -> str:
    """Close what has come to its end, and mail those who asked for it; scheduled every minute."""
    closed = close_finished_batches()
    for batch in RequestBatch.objects.to_be_told().select_related("person__profile"):
        if claim_telling(batch=batch) and not mail_finished_batch(batch):
            note_failed_mail(batch=batch)
    return f"{closed} batches closed"


def _restore(restoration: Restoration) -> None:
    # Imported here: this module is resolved by name in the web process's tests, and the engine loads torch.
    from restoration.running import engine

    with placing():
        with Heartbeat(restoration) as heartbeat:
            outcome = engine.restore(restoration, on_progress=heartbeat.progress)
        try:
            complete_restoration(restoration=restoration, outcome=outcome)
        except StateError:
            discard_unused_files(files=outcome.files(restoration.original_sha256))
            raise
    # Whoever reviews it looks closely, and need not wait then.
    if needs_tiles(restoration.result_width or 0, restoration.result_height or 0):
        for source in (StoredFile(Area.ORIGINALS, restoration.original_sha256), result_file(restoration)):
            wanted_tiles(source)


def _what_passes(error: Exception) -> str:
    """The code of trouble that is nobody's fault and over some time; empty for all other."""
    if isinstance(error, StoreUnavailableError):
        return "restoration:engine:storage-unavailable"
    return "restoration:engine:no-room" if is_full(error) else ""


def _fail(restoration: Restoration, code: str, message: str = "") -> str:
    try:
        fail_restoration(restoration=restoration, code=code, message=message)
    except StateError as error:
        logger.warning("restoration %s: %s, after %s", restoration.id, error, code)
    return code
