"""For probes and monitoring."""

from typing import Any

from tests.architecture.permission_levels import ANYBODY, STAFF, Entry
from tests.operation.living_queue import give_sign_of_life


def _with_a_worker(world: Any) -> list[Any]:
    """Without one, the platform would not be ready."""
    give_sign_of_life()
    return []


ENTRIES = {
    # Whether, not why: tests/operation/test_health.py tells who is told more.
    "health_live": Entry(get=ANYBODY),
    "health_ready": Entry(get=ANYBODY, args=_with_a_worker),
    # And whoever has the token or an address that is allowed (the same file).
    "metrics": Entry(get=STAFF),
}
