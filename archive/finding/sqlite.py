"""Words in SQLite: an FTS5 table whose rowid is the entry's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from archive.finding.questions import Question, Term
from archive.finding.triggers import WORDS, Trigger, catalogue_triggers, words_of_photo

_COLUMNS = "called, names, texts, files"
_WEIGHTS = "10.0, 5.0, 2.0, 1.0"
_MATCH = f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s"


def answering(entries: Any, question: Question) -> Any:
    """The entries whose words answer the question, which has words."""
    condition = Q()
    if question.wanted:
        condition &= Q(pk__in=RawSQL(_MATCH, [_all_of(question.wanted)]))
    if question.unwanted:
        condition &= ~Q(pk__in=RawSQL(_MATCH, [" OR ".join(map(_expression, question.unwanted))]))
    return entries.filter(condition)


def best_first(question: Question, condition: str, weighed: int) -> tuple[str, list[str]]:
    """SQL for the ids of what answers, the best first, and its parameters, to which those of `condition` (on
    the table of words) are added. Of what answers, the `weighed` newest are compared.
    """
    # Newest first is the order in which the index of words gives them, so this ends early for common words.
    sql = f"""
        SELECT rowid FROM (
            SELECT rowid, bm25({WORDS}, {_WEIGHTS}) AS badness FROM {WORDS}
            WHERE {WORDS} MATCH %s AND {condition} ORDER BY rowid DESC LIMIT {weighed}
        ) answers ORDER BY badness, rowid DESC"""
    unwanted = "".join(f" NOT {_expression(term)}" for term in question.unwanted)
    return sql, [f"({_all_of(question.wanted)}){unwanted}"]


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
