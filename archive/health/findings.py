"""What looking at one thing has found, said so that whoever reads it knows what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is. With a warning everything works, but not for long or not as it should."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """`found`: what is the case. `mend`: one sentence that says what to do; empty where nothing is to do."""

    name: str
    grade: Grade
    found: str
    mend: str = ""


Check = Callable[[], Iterable[Finding]]

_SEVERITY = [Grade.OK, Grade.WARNING, Grade.BROKEN]


def fine(name: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(name, Grade.OK, found)


def warning(name: str, found: str, mend: str) -> Finding:
    """To be done soon."""
    return Finding(name, Grade.WARNING, found, mend)


def broken(name: str, found: str, mend: str) -> Finding:
    """To be done now."""
    return Finding(name, Grade.BROKEN, found, mend)


def look(name: str, check: Check) -> list[Finding]:
    """What the check finds. One that fails itself has found something, too, and others can go on."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
        said = " ".join(str(error).split()) or "no reason given"
        found.append(
            broken(
                name,
                f"it could not be looked at: {type(error).__name__}: {said}",
                "Mend what this names, or what is found broken before it, and look again.",
            )
        )
    return found


def worst(findings: Iterable[Finding]) -> Grade:
    """The worst grade among them; OK where there are none."""
    return max((each.grade for each in findings), key=_SEVERITY.index, default=Grade.OK)
