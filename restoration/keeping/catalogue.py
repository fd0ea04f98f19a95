"""What the catalogue of photos says about restorations: where the newest one stands. Kept by triggers."""

from __future__ import annotations

from collections.abc import Sequence

from archive.finding.triggers import ENTRIES, Trigger

_LEVEL = {
    "sqlite": "json_extract(r.change_report, '$.level')",
    "postgresql": "r.change_report ->> 'level'",
}

# The same words as restoration.presentation.photo_states.state_of; what was not measured sorts last as -1.
_NEWEST = """
    SELECT coalesce(max(n.state), 'none'), coalesce(max(n.damage_level), ''),
        coalesce(max(n.share_damaged), -1), coalesce(max(n.invention), -1)
    FROM (
        SELECT CASE WHEN r.status = 'done' THEN r.review_state ELSE r.status END AS state,
            {level} AS damage_level, r.share_damaged AS share_damaged, r.invention AS invention
        FROM restoration_restoration r WHERE r.photo_id = {photo} AND r.status <> 'cancelled'
        ORDER BY r.requested_at DESC, r.id DESC LIMIT 1
    ) n"""

_COLUMNS = (
    "photo_id",
    "status",
    "review_state",
    "requested_at",
    "share_damaged",
    "invention",
    "change_report",
)


def restoration_triggers(vendor: str) -> Sequence[Trigger]:
    """Fill `state`, `damage_level`, `share_damaged` and `invention` of catalogue entries."""

    def tell(photo: str) -> str:
        newest = _NEWEST.format(level=_LEVEL[vendor], photo=photo)
        return f"""
    UPDATE {ENTRIES} SET (state, damage_level, share_damaged, invention) = ({newest})
    WHERE photo_id = {photo};"""

    table = "restoration_restoration"
    return [
        Trigger("restoration_entry_enters", ENTRIES, "INSERT", tell("NEW.photo_id")),
        Trigger("restoration_told_new", table, "INSERT", tell("NEW.photo_id")),
        Trigger("restoration_told_change", table, "UPDATE", tell("NEW.photo_id"), _COLUMNS),
        Trigger("restoration_told_gone", table, "DELETE", tell("OLD.photo_id")),
    ]
