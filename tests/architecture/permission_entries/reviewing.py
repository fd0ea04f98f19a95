"""The review room, its decisions, and the rule of four eyes."""

from tests.architecture.permission_levels import OWNER, REVIEWER, SIGNED_IN, VIEWER, Entry

ENTRIES = {
    "restoration:review_queue": Entry(get=SIGNED_IN),
    "restoration:collection_review": Entry(get=REVIEWER),
    "restoration:review_summary": Entry(get=REVIEWER, post=OWNER),
    "restoration:review_decide": Entry(
        post=REVIEWER,
        body=lambda world: {"restoration": str(world.restoration.pk), "verdict": "rejected:seams"},
    ),
    # Each restoration is refused by itself: tests/restoration/test_decisions.py.
    "restoration:review_undo": Entry(post=SIGNED_IN),
    "restoration:review_desk": Entry(post=SIGNED_IN),
    "api:review-next": Entry(post=(SIGNED_IN, "review")),
    "api:review-decisions": Entry(post=(SIGNED_IN, "review")),
    "api:review-undo": Entry(post=(SIGNED_IN, "review")),
    "api:review-reservations": Entry(put=(SIGNED_IN, "review"), delete=(SIGNED_IN, "review")),
    "api:review-reasons": Entry(get=(SIGNED_IN, "read")),
    "api:collection-review-figures": Entry(get=(REVIEWER, "read")),
    "api:collection-review-rule": Entry(get=(VIEWER, "read"), put=(OWNER, "admin")),
}
