"""What keeps the catalogue, in statements that both databases understand.

Triggers, not services: a photo is in the catalogue as it is in its table, also after `update()`,
`bulk_create()`, the admin, or SQL by hand, and no writer has to remember anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENTRIES, WORDS = "archive_catalogueentry", "archive_words"
FACTS = "entry_facts"
"""The index that holds every column of the entries, by collection."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """After `event` on a row of `table`, run `body`: statements that may name OLD and NEW.

    `columns`: of an UPDATE, those whose change matters; without any, all do.
    """

    name: str
    table: str
    event: str  # INSERT, UPDATE, DELETE; in PostgreSQL also TRUNCATE
    body: str
    columns: tuple[str, ...] = ()


_PHOTO_COLUMNS = (
    "collection_id",
    "original_id",
    "uploaded_by_id",
    "created_at",
    "deleted_at",
    "title",
    "filename",
    "folder",
    "call_number",
    "creator",
    "contributor",
    "publisher",
    "place",
    "description",
    "notes",
    "source",
    "relation",
    "date_edtf",
    "date_earliest",
    "date_latest",
)

_COLUMNS = "photo_id, collection_id, uploaded_by_id, media_type, added_at, name_key, first_day, last_day"

# Days as archive.models.finding has them: unknown on one side reaches as far as days do, on both is no span.
_ENTRY = """
    SELECT p.id, p.collection_id, p.uploaded_by_id, o.media_type, p.created_at,
        substr(lower(CASE WHEN p.title <> '' THEN p.title ELSE p.filename END), 1, 200),
        CASE WHEN p.date_earliest IS NULL AND p.date_latest IS NULL THEN '9999-12-31'
            ELSE coalesce(p.date_earliest, '0001-01-01') END,
        CASE WHEN p.date_earliest IS NULL AND p.date_latest IS NULL THEN '0001-01-01'
            ELSE coalesce(p.date_latest, '9999-12-31') END
    FROM archive_photo p JOIN archive_original o ON o.id = p.original_id
    WHERE p.deleted_at IS NULL"""

_TAGS_OF_PHOTO = """coalesce((
        SELECT {joined} FROM archive_photo_tags l JOIN archive_tag t ON t.id = l.tag_id
        WHERE l.photo_id = p.id), '')"""


def words_of_photo(joined_tags: str) -> tuple[str, str, str, str]:
    """The words of photo `p`, the weightiest first: what it is called, names and places, texts, files."""
    tags = _TAGS_OF_PHOTO.format(joined=joined_tags)
    return (
        "p.title || ' ' || p.call_number",
        f"p.creator || ' ' || p.contributor || ' ' || p.publisher || ' ' || p.place || ' ' || {tags}",
        "p.description || ' ' || p.notes || ' ' || p.source || ' ' || p.relation || ' ' || p.date_edtf",
        "p.filename || ' ' || p.folder",
    )


def enter_photos(which: str = "") -> str:
    """The statement that enters photos, `which` being a further condition ("AND ...") on photo `p`.

    The rest of an entry's columns are the business of triggers on the entries.
    """
    return f"""
    INSERT INTO {ENTRIES} ({_COLUMNS}, state, damage_level, share_damaged, invention)
    SELECT e.*, '', '', -1, -1 FROM ({_ENTRY} {which}) e;"""


def catalogue_triggers(columns: str, words: str) -> Sequence[Trigger]:
    """The archive's own triggers.

    `columns` of the table of words, beside rowid, are filled with the expressions `words` about photo `p`.
    """
    words_of_entry = f"SELECT {words} FROM {ENTRIES} e JOIN archive_photo p ON p.id = e.photo_id"

    def renew_words(which: str) -> str:
        return f"""
    UPDATE {WORDS} SET ({columns}) = ({words_of_entry} WHERE e.id = {WORDS}.rowid)
    WHERE rowid IN (SELECT e.id FROM {ENTRIES} e {which});"""

    change = f"""
    DELETE FROM {ENTRIES} WHERE photo_id = NEW.id AND NEW.deleted_at IS NOT NULL;
    {enter_photos(f"AND p.id = NEW.id AND NOT EXISTS (SELECT 1 FROM {ENTRIES} WHERE photo_id = NEW.id)")}
    UPDATE {ENTRIES} SET ({_COLUMNS}) = ({_ENTRY} AND p.id = NEW.id) WHERE photo_id = NEW.id;
    {renew_words("WHERE e.photo_id = NEW.id")}"""
    enter_words = f"""
    INSERT INTO {WORDS} (rowid, {columns})
    SELECT e.id, w.* FROM {ENTRIES} e, ({words_of_entry} WHERE e.id = NEW.id) w WHERE e.id = NEW.id;"""
    tagged = renew_words("WHERE e.photo_id = NEW.photo_id")
    renamed = renew_words("JOIN archive_photo_tags l ON l.photo_id = e.photo_id WHERE l.tag_id = NEW.id")
    return [
        Trigger("archive_photo_enters", "archive_photo", "INSERT", enter_photos("AND p.id = NEW.id")),
        Trigger("archive_photo_changes", "archive_photo", "UPDATE", change, _PHOTO_COLUMNS),
        Trigger(
            "archive_photo_leaves",
            "archive_photo",
            "DELETE",
            f"DELETE FROM {ENTRIES} WHERE photo_id = OLD.id;",
        ),
        Trigger("archive_words_enter", ENTRIES, "INSERT", enter_words),
        Trigger("archive_words_leave", ENTRIES, "DELETE", f"DELETE FROM {WORDS} WHERE rowid = OLD.id;"),
        Trigger("archive_photo_tagged", "archive_photo_tags", "INSERT", tagged),
        Trigger("archive_photo_untagged", "archive_photo_tags", "DELETE", tagged.replace("NEW.", "OLD.")),
        Trigger("archive_tag_renamed", "archive_tag", "UPDATE", renamed, ("name",)),
    ]
