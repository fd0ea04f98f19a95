"""The writes of restoration: each keyword-only, in one short transaction, refusing wrong states."""

from restoration.services.batches import (
    BatchReport,
    CancelReport,
    cancel_restoration,
    cancel_restorations,
    pause_restorations,
    request_restorations,
    resume_restorations,
    retry_restorations,
)
from restoration.services.discarding import discard_unused_files
from restoration.services.importing import import_restoration, store_imported_files
from restoration.services.registry import compare_with_default, promote_model, refusal_of, register_model
from restoration.services.request_batches import (
    claim_telling,
    close_finished_batches,
    join_batch,
    note_failed_mail,
)
from restoration.services.requests import (
    Wishes,
    repeat_restoration,
    request_restoration,
    request_strength,
    restore_if_wanted,
)
from restoration.services.reservations import (
    RESERVED_FOR,
    Reserved,
    release_reservations,
    renew_reservations,
    reserve_next,
    reserve_photo,
    reserve_restoration,
)
from restoration.services.review_rules import set_review_rule
from restoration.services.reviews import (
    Decision,
    DecisionResult,
    decide_restorations,
    review_restoration,
    undo_reviews,
)
from restoration.services.running import (
    Outcome,
    claim_restoration,
    complete_restoration,
    fail_restoration,
    is_wanted,
    renew_lease,
    report_progress,
    set_back_restoration,
)
from restoration.services.sample_collections import create_sample_collection, fill_sample_collection
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
    "RESERVED_FOR",
    "BatchReport",
    "CancelReport",
    "Decision",
    "DecisionResult",
    "Outcome",
    "Reserved",
    "SweepReport",
    "Wishes",
    "add_sample_picture",
    "add_sample_result",
    "cancel_restoration",
    "cancel_restorations",
    "claim_restoration",
    "claim_sample_run",
    "claim_telling",
    "close_finished_batches",
    "compare_with_default",
    "complete_restoration",
    "create_sample_collection",
    "decide_restorations",
    "discard_unused_files",
    "fail_restoration",
    "fill_sample_collection",
    "finish_sample_run",
    "import_restoration",
    "is_wanted",
    "join_batch",
    "note_failed_mail",
    "pause_restorations",
    "promote_model",
    "refusal_of",
    "register_model",
    "release_reservations",
    "renew_lease",
    "renew_reservations",
    "repeat_restoration",
    "report_progress",
    "request_restoration",
    "request_restorations",
    "request_samples",
    "request_strength",
    "reserve_next",
    "reserve_photo",
    "reserve_restoration",
    "restore_if_wanted",
    "resume_restorations",
    "retry_restorations",
    "review_restoration",
    "set_back_restoration",
    "set_review_rule",
    "store_imported_files",
    "sweep_restorations",
    "sweep_sample_runs",
    "undo_reviews",
]
