"""Keeps the entries that restorations are listed and counted by, in statements for both databases."""

from __future__ import annotations

from collections.abc import Sequence

from archive.finding.triggers import Trigger

ENTRIES = "restoration_restorationentry"

_RESTORATIONS, _PHOTOS, _REVIEWS = "restoration_restoration", "archive_photo", "restoration_review"

_OWN = ("status", "review_state", "model_version_id", "requested_at", "share_damaged", "invention")
"""Columns of a restoration that its entry has, too, the first two as its state."""

_HOME = "CASE WHEN {photo}.deleted_at IS NULL THEN {photo}.collection_id END"
_REASON = """coalesce((
        SELECT w.reason FROM restoration_review w WHERE w.restoration_id = {restoration}
        ORDER BY w.created_at DESC, w.id DESC LIMIT 1), '')"""


def _own_values(row: str) -> str:
    state = f"CASE WHEN {row}.status = 'done' THEN {row}.review_state ELSE {row}.status END"
    return ", ".join([state, *(f"{row}.{column}" for column in _OWN[2:])])


_OWN_COLUMNS = ", ".join(["state", *_OWN[2:]])


def enter_restorations(source: str, row: str) -> str:
    """The statement that enters restorations: `row` of `source`, each with its photo `p`."""
    return f"""
    INSERT INTO {ENTRIES} (restoration_id, collection_id, reason, {_OWN_COLUMNS})
    SELECT {row}.id, {_HOME.format(photo="p")}, {_REASON.format(restoration=f"{row}.id")}, {_own_values(row)}
    FROM {source};"""


def rebuild_listing() -> Sequence[str]:
    """Statements that make every entry anew."""
    return [
        f"DELETE FROM {ENTRIES}",
        enter_restorations(f"{_RESTORATIONS} r JOIN {_PHOTOS} p ON p.id = r.photo_id", "r"),
    ]


def listing_triggers() -> Sequence[Trigger]:
    """Each writes what its own row says, and no more: two that happen at once do not undo one another."""
    change = f"UPDATE {ENTRIES} SET ({_OWN_COLUMNS}) = ({{values}}) WHERE restoration_id = NEW.id;"
    moved = f"""
    UPDATE {ENTRIES} SET collection_id = {_HOME.format(photo="NEW")}
    WHERE restoration_id IN (SELECT id FROM {_RESTORATIONS} WHERE photo_id = NEW.id);"""

    handed_on = f"""
    UPDATE {ENTRIES} SET collection_id = (
        SELECT {_HOME.format(photo="p")} FROM {_PHOTOS} p WHERE p.id = NEW.photo_id)
    WHERE restoration_id = NEW.id;"""

    def reviewed(row: str) -> str:
        key = f"{row}.restoration_id"
        return f"""
    UPDATE {ENTRIES} SET reason = {_REASON.format(restoration=key)} WHERE restoration_id = {key};"""

    return [
        Trigger(
            "restoration_listed",
            _RESTORATIONS,
            "INSERT",
            enter_restorations(f"{_PHOTOS} p WHERE p.id = NEW.photo_id", "NEW"),
        ),
        Trigger(
            "restoration_listed_anew",
            _RESTORATIONS,
            "UPDATE",
            change.format(values=f"SELECT {_own_values('NEW')}"),
            _OWN,
        ),
        Trigger("restoration_listed_otherwise", _RESTORATIONS, "UPDATE", handed_on, ("photo_id",)),
        Trigger(
            "restoration_unlisted",
            _RESTORATIONS,
            "DELETE",
            f"DELETE FROM {ENTRIES} WHERE restoration_id = OLD.id;",
        ),
        Trigger("restoration_listed_elsewhere", _PHOTOS, "UPDATE", moved, ("collection_id", "deleted_at")),
        Trigger("restoration_listed_reviewed", _REVIEWS, "INSERT", reviewed("NEW")),
        Trigger("restoration_listed_reread", _REVIEWS, "UPDATE", reviewed("NEW"), ("reason", "created_at")),
        Trigger("restoration_listed_unreviewed", _REVIEWS, "DELETE", reviewed("OLD")),
    ]
