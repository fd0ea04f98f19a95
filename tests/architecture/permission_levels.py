"""Words in which the expected permissions of every endpoint are written down (see permission_entries).

A level names the least role that gets in. Everybody else must be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

ANYBODY, SIGNED_IN, ONLOOKER, GUEST, PUBLIC, VIEWER, REVIEWER, CURATOR, OWNER, STAFF, NOBODY_ELSE, NOBODY = (
    "anybody",
    "signed in",
    "onlooker",
    "guest",
    "public",
    "viewer",
    "reviewer",
    "curator",
    "owner",
    "staff",
    "nobody else",
    "nobody",
)

GUESTS = ("public visitor", "share link")
MEMBERS = ("viewer", "reviewer", "curator", "owner")
OTHERS = ("outsider", "other owner", "staff")
PEOPLE = ("anonymous", *GUESTS, *OTHERS, *MEMBERS)

LET_IN: dict[str, frozenset[str]] = {
    ANYBODY: frozenset(PEOPLE),
    SIGNED_IN: frozenset({*OTHERS, *MEMBERS}),
    ONLOOKER: frozenset({*GUESTS, *MEMBERS}),  # one address for members and for guests
    GUEST: frozenset(GUESTS),  # of what is public or shared; roles count on the members' pages
    PUBLIC: frozenset(GUESTS[:1]),
    VIEWER: frozenset(MEMBERS),
    REVIEWER: frozenset(MEMBERS[1:]),
    CURATOR: frozenset(MEMBERS[2:]),
    OWNER: frozenset(MEMBERS[3:]),
    STAFF: frozenset({"staff"}),
    NOBODY_ELSE: frozenset({"owner"}),  # the person's own things; here they are the owner's
    NOBODY: frozenset(),  # unless something happened before, which a test of its own tells
}

Expected = str | tuple[str, str | None]
"""A level for a page; level and scope for an endpoint that takes tokens, with None where no token may."""


@dataclass(frozen=True)
class Entry:
    """Who may do what at one address. A method that is not named here must answer 405.

    `args` gives the address's arguments (list or dict) where the world cannot know them; `body` is sent by
    methods that change things. The least that tells is best: whoever is let in need not succeed, only not be
    refused, so an empty body and its 400 will do.
    """

    get: Expected | None = None
    post: Expected | None = None
    put: Expected | None = None
    patch: Expected | None = None
    delete: Expected | None = None
    head: Expected | None = None
    args: Callable[[Any], Any] | None = None
    body: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def expected(self) -> dict[str, Expected]:
        """By method, those that are named."""
        named = [each.name for each in fields(self)[:6]]
        return {method: getattr(self, method) for method in named if getattr(self, method) is not None}
