"""What people type into a search box."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 200
"""Characters of a question that are read."""

MOST_TERMS = 16

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row, without accents and in small letters; where `open_ended`, the last is a beginning."""

    tokens: tuple[str, ...]
    open_ended: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Every one of `wanted` has to be there, none of `unwanted` may; false where there is neither."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)


def read_question(text: str) -> Question:
    """Read `text`: words by their beginnings, "several in a row" as they stand, -without these.

    Accents and case count for nothing. Whatever people type is a question; nothing is refused.
    """
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for found in _TERM.finditer(text[:LONGEST]):
        tokens = tuple(_TOKEN.findall(plain(found["phrase"] or found["word"] or "")))
        if tokens:
            term = Term(tokens, open_ended=found["word"] is not None)
            (unwanted if found["minus"] else wanted).append(term)
    return Question(tuple(wanted[:MOST_TERMS]), tuple(unwanted[:MOST_TERMS]))


def plain(text: str) -> str:
    """`text` in small letters without accents, as both databases keep their words."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
