"""Words in SQLite: an FTS5 table whose rowid is the entry's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.db.models.sql.datastructures import BaseTable

from archive.finding.questions import Question, Term
from archive.finding.triggers import ENTRIES, FACTS, WORDS, Trigger, catalogue_triggers, words_of_photo

Statement = tuple[str, Sequence[Any]]
"""SQL and its parameters."""

_COLUMNS = "called, names, texts, files"
_WEIGHTS = "10.0, 5.0, 2.0, 1.0"
_MATCH = f"{WORDS} MATCH %s"


def answering(entries: Any, question: Question) -> Any:
    """The entries whose words answer the question, which has words."""
    if question.unwanted:
        unwanted = " OR ".join(map(_expression, question.unwanted))
        entries = entries.exclude(pk__in=RawSQL(f"SELECT rowid FROM {WORDS} WHERE {_MATCH}", [unwanted]))
    if not question.wanted:
        return entries
    found = _read_from(entries, _ByWords)
    # With its sign the row of words can be looked up by the entry no more, but only the other way round.
    return found.filter(
        RawSQL(_MATCH, [_all_of(question.wanted)], output_field=BooleanField()),
        pk=RawSQL(f"+{WORDS}.rowid", []),
    )


def narrowed(entries: Any) -> Any:
    """Read them from the index that holds every column.

    SQLite knows nothing of how often a value occurs, and would rather follow some other index into the table
    for each row of a hundred thousand.
    """
    # Words are faster still: each entry that they find is looked up.
    by_words = isinstance(entries.query.alias_map.get(ENTRIES), _ByWords)
    return entries if by_words else _read_from(entries, _ByFacts)


class _ByFacts(BaseTable):
    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        sql, parameters = super().as_sql(compiler, connection)
        return f"{sql} INDEXED BY {FACTS}", parameters


class _ByWords(BaseTable):
    """A CROSS JOIN is SQLite's word for the order of loops: first the words, then an entry for each."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        sql, parameters = super().as_sql(compiler, connection)
        return f"{WORDS} CROSS JOIN {sql}", parameters


def _read_from(entries: Any, table: type[BaseTable]) -> Any:
    """The entries with `table` instead of their own table, which it stands for."""
    found = entries.all()
    first = found.query.get_initial_alias()
    found.query.alias_map[first] = table(ENTRIES, first)
    return found


def weighed(question: Question, fitting: Statement, most: int) -> Statement:
    """Of the `fitting`, a statement for id and state, what answers: (entry, state, merit), the best having
    the greatest merit. The newest are weighed where more than `most` answer.
    """
    sql, parameters = fitting
    # Newest first is the order in which the index of words gives them, so this ends early for common words.
    answers = f"""
        SELECT {WORDS}.rowid AS entry, fitting.state, -bm25({WORDS}, {_WEIGHTS}) AS merit
        FROM {WORDS} CROSS JOIN ({sql}) fitting ON fitting.id = {WORDS}.rowid
        WHERE {_MATCH} ORDER BY {WORDS}.rowid DESC LIMIT {most}"""
    unwanted = "".join(f" NOT {_expression(term)}" for term in question.unwanted)
    return answers, (*parameters, f"({_all_of(question.wanted)}){unwanted}")


def structure() -> tuple[Sequence[str], Sequence[str]]:
    """Statements that make the table of words, and those that take it away."""
    made = f"""
        CREATE VIRTUAL TABLE {WORDS} USING fts5(
            {_COLUMNS}, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3')"""
    return [made], [f"DROP TABLE {WORDS}"]


def triggers() -> Sequence[Trigger]:
    """What keeps the catalogue and its words."""
    return catalogue_triggers(_COLUMNS, ", ".join(words_of_photo("group_concat(t.name, ' ')")))


def create_trigger(trigger: Trigger) -> Sequence[str]:
    """Statements that put it on its table."""
    columns = f" OF {', '.join(trigger.columns)}" if trigger.columns else ""
    return [
        f"CREATE TRIGGER {trigger.name} AFTER {trigger.event}{columns} ON {trigger.table} "
        f"FOR EACH ROW BEGIN {trigger.body} END"
    ]


def drop_trigger(trigger: Trigger) -> Sequence[str]:
    """Statements that take it away where it is."""
    return [f"DROP TRIGGER IF EXISTS {trigger.name}"]


PRESENT_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def _all_of(terms: Sequence[Term]) -> str:
    return " AND ".join(map(_expression, terms))


def _expression(term: Term) -> str:
    """`"in a row"`, and a star where the last word is a beginning. Tokens hold letters and digits only."""
    return f'"{" ".join(term.tokens)}"{" *" if term.open_ended else ""}'
