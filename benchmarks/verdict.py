"""What must not be after accidents, in what benchmarks.standing finds."""

from typing import Any

NEVER = (
    "never ended",
    "ended twice",
    "unexpected failures",
    "wrong",
    "strangers",
    "left in incoming",
    "faults in the history",
)


def complaints(found: dict[str, Any]) -> list[str]:
    """What is not as it should be, in words; besides NEVER, all that was lost or doubled."""
    return [
        f"{name}: {value}"
        for name, value in found.items()
        if value and (name in NEVER or name.endswith(("lost", "doubled")))
    ]
