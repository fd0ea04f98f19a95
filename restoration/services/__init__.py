"""The writes of restoration: each keyword-only, in one short transaction, refusing wrong states."""

from restoration.services.discarding import discard_unused_result
from restoration.services.registry import promote_model, register_model
from restoration.services.requests import ingest_and_restore, request_restoration
from restoration.services.reviews import review_restoration
from restoration.services.running import (
    Outcome,
    claim_restoration,
    complete_restoration,
    fail_restoration,
    renew_lease,
    report_progress,
)
from restoration.services.sweeping import SweepReport, sweep_restorations

__all__ = [
    "Outcome",
    "SweepReport",
    "claim_restoration",
    "complete_restoration",
    "discard_unused_result",
    "fail_restoration",
    "ingest_and_restore",
    "promote_model",
    "register_model",
    "renew_lease",
    "report_progress",
    "request_restoration",
    "review_restoration",
    "sweep_restorations",
]
