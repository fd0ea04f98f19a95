"""Cases that schemathesis makes from the schema of the API, and what it finds wrong with the answers."""

from __future__ import annotations

import re
from collections.abc import Callable

import schemathesis
from django.urls import reverse
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.pytest.lazy import get_all_tests

from archive.tus.protocol import PART_MEDIA_TYPE
from tests.openapi.real_rows import Caller, connection_kept

_SHOWN = 3000  # characters of a violation

CONFIG = {
    "generation": {
        "deterministic": True,
        "no-shrink": True,
        # The caller brings real ones.
        "with-security-parameters": False,
    },
    "checks": {
        # A schema cannot say which people there are, what a date in EDTF is, or that an end must lie ahead:
        # what has the right form and makes no sense is refused with 400, an ETag that is old with 412.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "3xx", *map(str, (400, 401, 403, 404, 409, 410, 412, 413, 416, 429))]
        },
        # tus has statuses of its own: 412 without its version, 413 for a length beyond all limits.
        "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "412", "415"]},
        "negative_data_rejection": {
            "expected-statuses": [*map(str, (400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422))]
        },
    },
}


def violations(
    caller: Caller,
    *,
    by_chance: int,
    most: int | None = None,
    told: Callable[[str], object] = lambda line: None,
) -> list[str]:
    """Send what schemathesis thinks of for every operation, `by_chance` cases among it: the same each time.

    `most`: of each operation about so many, spread over all of them. `told` hears how far it is. Answers what
    is wrong, each once, with the request that shows it.
    """
    load_all_checks()
    schemathesis.serializer.alias(PART_MEDIA_TYPE, "application/octet-stream")
    with connection_kept():
        address = f"{reverse('api:schema')}?format=json"
        schema = schemathesis.openapi.from_wsgi(
            address, caller.app, config=SchemathesisConfig.from_dict(CONFIG)
        )
    found: dict[str, str] = {}
    thought_of: list[schemathesis.Case] = []

    def test(case: schemathesis.Case) -> None:
        thought_of.append(case)

    settings_by_chance = settings(
        max_examples=by_chance,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    for result in get_all_tests(schema=schema, test_func=test, settings=settings_by_chance, given_kwargs={}):
        operation, think = result.ok()
        thought_of.clear()
        think()
        sent = thought_of[:: 1 if most is None else -(-len(thought_of) // most)]
        with caller.at(operation.path):
            for case in sent:
                try:
                    caller.send(case)
                except FailureGroup as failures:
                    for each in failures.exceptions:
                        found.setdefault(_kind(case, each), f"{case.method} {case.path}: {failures}"[:_SHOWN])
        told(
            f"{operation.label}: {len(sent)} of {len(thought_of)}; of {caller.sent} so far {len(found)} wrong"
        )
    return list(found.values())


def _kind(case: schemathesis.Case, failure: BaseException) -> str:
    """The same for what is wrong in the same way."""
    return re.sub(
        r"[0-9a-f-]{36}|\d+", "", f"{case.operation.label} {type(failure).__name__} {failure}"[:200]
    )
