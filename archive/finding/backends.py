"""The two databases behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.db import connections

from archive.finding import postgresql, sqlite
from archive.finding.questions import Question
from archive.finding.triggers import Trigger


class Backend(Protocol):
    """What `archive.finding.sqlite` and `archive.finding.postgresql` do, each in its database's words."""

    PRESENT_TRIGGERS: str

    def answering(self, entries: Any, question: Question) -> Any: ...

    def narrowed(self, entries: Any) -> Any: ...

    def weighed(
        self, question: Question, fitting: tuple[str, Sequence[Any]], most: int
    ) -> tuple[str, Sequence[Any]]: ...

    def structure(self) -> tuple[Sequence[str], Sequence[str]]: ...

    def triggers(self) -> Sequence[Trigger]: ...

    def create_trigger(self, trigger: Trigger) -> Sequence[str]: ...

    def drop_trigger(self, trigger: Trigger) -> Sequence[str]: ...


_BACKENDS = {"sqlite": sqlite, "postgresql": postgresql}


def backend_of(alias: str) -> Backend:
    """The backend of the database that Django calls `alias`. KeyError for a kind that Pulih does not know."""
    return cast(Backend, _BACKENDS[connections[alias].vendor])
