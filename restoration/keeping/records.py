"""A finished restoration as plain JSON: everything that its row says, for another Pulih to say it too."""

from __future__ import annotations

from typing import Any

from restoration.models import Restoration, Review

# As the row has them; people, model and reviews are told beside.
COPIED = (
    "strength",
    "quick",
    "thorough",
    "hand_sha256",
    "code_version",
    "parameters",
    "seed",
    "attempts",
    "original_sha256",
    "result_sha256",
    "result_media_type",
    "result_byte_size",
    "result_width",
    "result_height",
    "repair_sha256",
    "repair_byte_size",
    "layers",
    "invention",
    "share_damaged",
    "warnings",
    "change_report",
    "peak_memory_bytes",
    "review_state",
)
TIMES = ("requested_at", "started_at", "finished_at")
MODEL = ("name", "version", "weights_sha256", "data_licence")


def restoration_record(restoration: Restoration) -> dict[str, Any]:
    """The row, its model and its reviews. Needs model_version, requested_by and reviews with reviewer."""
    model = restoration.model_version
    return {
        "id": str(restoration.pk),
        **{name: getattr(restoration, name) for name in COPIED},
        **{name: moment.isoformat() if (moment := getattr(restoration, name)) else None for name in TIMES},
        "requested_by": restoration.requested_by.get_username() if restoration.requested_by else None,
        "based_on": str(restoration.based_on_id) if restoration.based_on_id else None,
        "model": {name: getattr(model, name) for name in MODEL} if model else None,
        "reviews": [_review_record(review) for review in restoration.reviews.all()],
    }


def _review_record(review: Review) -> dict[str, Any]:
    return {
        "id": str(review.pk),
        "reviewer": review.reviewer.get_username(),
        "decision": review.decision,
        "reason": review.reason,
        "comment": review.comment,
        "created_at": review.created_at.isoformat(),
    }
