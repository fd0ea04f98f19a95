"""The writes of restoration: each keyword-only, in one short transaction, refusing wrong states."""

from restoration.services.discarding import discard_unused_files
from restoration.services.importing import import_restoration, store_imported_files
from restoration.services.registry import compare_with_default, promote_model, refusal_of, register_model
from restoration.services.requests import request_restoration, request_strength, restore_if_wanted
from restoration.services.reviews import review_restoration
from restoration.services.running import (
    Outcome,
    claim_restoration,
    complete_restoration,
    fail_restoration,
    renew_lease,
    report_progress,
)
from restoration.services.samples import (
    add_sample_picture,
    add_sample_result,
    claim_sample_run,
    finish_sample_run,
    request_samples,
    sweep_sample_runs,
)
from restoration.services.sweeping import SweepReport, sweep_restorations

__all__ = [
    "Outcome",
    "SweepReport",
    "add_sample_picture",
    "add_sample_result",
    "claim_restoration",
    "claim_sample_run",
    "compare_with_default",
    "complete_restoration",
    "discard_unused_files",
    "fail_restoration",
    "finish_sample_run",
    "import_restoration",
    "promote_model",
    "refusal_of",
    "register_model",
    "renew_lease",
    "report_progress",
    "request_restoration",
    "request_samples",
    "request_strength",
    "restore_if_wanted",
    "review_restoration",
    "store_imported_files",
    "sweep_restorations",
    "sweep_sample_runs",
]
