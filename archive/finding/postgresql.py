"""Words in PostgreSQL: a table of text search vectors, keyed by the entry's id.

A table of its own and not a column of the entries, which are written whenever a photo's state changes: the
words stay where they are then, and so does their index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.expressions import RawSQL

from archive.finding.questions import Question, Term
from archive.finding.triggers import ENTRIES, WORDS, Trigger, catalogue_triggers, words_of_photo

Statement = tuple[str, Sequence[Any]]
"""SQL and its parameters."""

_QUERY = "to_tsquery('simple', %s)"
_MATCH = f"SELECT rowid FROM {WORDS} WHERE words @@ {_QUERY}"
_WEIGHTS = "'{0.1, 0.2, 0.5, 1.0}'"  # of D, C, B, A

# Accents go, and so does whatever the parser would make a path, a host or a number with a sign of.
_PLAIN = r"""
    CREATE OR REPLACE FUNCTION archive_plain(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT regexp_replace(
            regexp_replace(normalize($1, NFD), '[\u0300-\u036f]', '', 'g'),
            '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]', ' ', 'g')
    $$"""


def answering(entries: Any, question: Question) -> Any:
    """The entries whose words answer the question, which has words."""
    if question.wanted:
        # One question to the index, not one for what is wanted and one for what is not.
        return entries.filter(pk__in=RawSQL(_MATCH, [_asked(question)]))
    return entries.exclude(pk__in=RawSQL(_MATCH, [" | ".join(map(_expression, question.unwanted))]))


def narrowed(entries: Any) -> Any:
    """As they are: PostgreSQL knows how often a value occurs, and reads what is less."""
    return entries


def weighed(question: Question, fitting: Statement, most: int) -> Statement:
    """Of the `fitting`, a statement for id and state, what answers: (entry, state, merit), the best having
    the greatest merit. The newest are weighed where more than `most` answer.
    """
    sql, parameters = fitting
    # Only what is left by the limit is ranked.
    answers = f"""
        SELECT entry, state, ts_rank({_WEIGHTS}, words, {_QUERY}) AS merit FROM (
            SELECT {WORDS}.rowid AS entry, words, fitting.state
            FROM {WORDS} JOIN ({sql}) fitting ON fitting.id = {WORDS}.rowid
            WHERE words @@ {_QUERY} ORDER BY {WORDS}.rowid DESC LIMIT {most}
        ) newest"""
    asked = _asked(question)
    return answers, (asked, *parameters, asked)


def structure() -> tuple[Sequence[str], Sequence[str]]:
    """Statements that make the table of words, and those that take it away."""
    return (
        [
            f"CREATE TABLE {WORDS} (rowid bigint PRIMARY KEY, words tsvector NOT NULL)",
            f"CREATE INDEX {WORDS}_gin ON {WORDS} USING gin (words)",
            _PLAIN,
        ],
        [f"DROP TABLE {WORDS}", "DROP FUNCTION archive_plain(text)"],
    )


def triggers() -> Sequence[Trigger]:
    """What keeps the catalogue and its words; emptying a whole table fires no trigger for rows."""
    vectors = [
        f"setweight(to_tsvector('simple', archive_plain({text})), '{weight}')"
        for text, weight in zip(words_of_photo("string_agg(t.name, ' ')"), "ABCD", strict=True)
    ]
    emptied = Trigger("archive_words_empty", ENTRIES, "TRUNCATE", f"TRUNCATE {WORDS};")
    return [*catalogue_triggers("words", " || ".join(vectors)), emptied]


def create_trigger(trigger: Trigger) -> Sequence[str]:
    """Statements that put it on its table.

    Which columns matter is asked inside the function: on the trigger, they would hold these columns fast.
    """
    body = trigger.body
    if trigger.columns:
        old, new = (", ".join(f"{row}.{column}" for column in trigger.columns) for row in ("OLD", "NEW"))
        body = f"IF ROW({old}) IS DISTINCT FROM ROW({new}) THEN {body} END IF;"
    each = "STATEMENT" if trigger.event == "TRUNCATE" else "ROW"
    return [
        f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body} RETURN NULL; END $$",
        f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} "
        f"FOR EACH {each} EXECUTE FUNCTION {trigger.name}()",
    ]


def drop_trigger(trigger: Trigger) -> Sequence[str]:
    """Statements that take it away where it is."""
    return [f"DROP FUNCTION IF EXISTS {trigger.name}() CASCADE"]


PRESENT_TRIGGERS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"


def _asked(question: Question) -> str:
    """All that is wanted, of which there is something, and nothing that is not."""
    refused = [f"!{_expression(term)}" for term in question.unwanted]
    return " & ".join([*map(_expression, question.wanted), *refused])


def _expression(term: Term) -> str:
    """Words in a row, the last perhaps a beginning. Tokens hold letters and digits only."""
    *first, last = (f"'{token}'" for token in term.tokens)
    return f"({' <-> '.join([*first, f'{last}:*' if term.open_ended else last])})"
