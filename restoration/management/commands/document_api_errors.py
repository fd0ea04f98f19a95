"""Writes docs/api-errors.md: `manage.py document_api_errors > docs/api-errors.md`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from archive.api.error_codes import GENERAL, STATUSES
from restoration.api.errors import known_errors

_HEAD = """# Errors of the API

Written by `manage.py document_api_errors`; a test holds it against the code. `GET /api/v1/errors/` answers
the same list in the caller's language.

Every error is `{"code": ..., "message": ..., "fields": {...}}`. `code` is for programs: it never changes,
and a code that is here stays here. `message` is a sentence for people, in their language. `fields` maps the
name of a refused field to its sentences (`""`: of no single field).

## Anywhere

| status | code | meaning |
| --- | --- | --- |"""
_SUBJECTS = """
## By subject

400 for what another input would mend, 409 for what the present state of things does not allow, 412 for
`archive:precondition:changed`, 422 for `archive:idempotency:other-request`; resumable uploads have the
statuses of tus (410, 413, 415, 429, 460, 507). Some are never answered to a request: they stand in the
results of imports, restorations and deliveries.

| code | sentence |
| --- | --- |"""


class Command(BaseCommand):
    help = "Prints docs/api-errors.md."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            errors = known_errors()
        self.stdout.write(_HEAD)
        for error in errors[: len(GENERAL)]:
            self.stdout.write(f"| {STATUSES[error['code']]} | `{error['code']}` | {error['message']} |")
        self.stdout.write(_SUBJECTS)
        for error in errors[len(GENERAL) :]:
            self.stdout.write(f"| `{error['code']}` | {error['message']} |")
