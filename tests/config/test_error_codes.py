"""The list of error codes is the code's own, whole, and in the documentation as it is."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework import exceptions

from archive.api.error_codes import GENERAL, STATUSES
from restoration.api.errors import known_errors

ROOT = Path(settings.BASE_DIR)
CODE = re.compile(r'"((?:archive|restoration):[a-z0-9-]+:[a-z0-9-]+)"')


def codes() -> set[str]:
    return {error["code"] for error in known_errors()}


def test_every_code_that_is_written_anywhere_is_known() -> None:
    written = {
        code
        for folder in ("archive", "restoration", "config")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        for code in CODE.findall(path.read_text())
    }
    assert written - codes() == set()


def test_what_the_framework_answers_is_known_with_its_status() -> None:
    general = {
        each.default_code: each.status_code
        for each in vars(exceptions).values()
        if isinstance(each, type) and issubclass(each, exceptions.APIException)
    }
    assert {code: STATUSES.get(code) for code in general} == general
    assert STATUSES.keys() == GENERAL.keys()


def test_the_documentation_says_what_the_code_says() -> None:
    written = StringIO()
    call_command("document_api_errors", stdout=written)
    again = "manage.py document_api_errors > docs/api-errors.md; no code may go or be renamed"
    assert (ROOT / "docs/api-errors.md").read_text() == written.getvalue(), again


@pytest.mark.django_db
def test_anybody_may_ask_in_his_own_language(client: Client) -> None:
    page = client.get(reverse("api:errors"), {"page_size": 200}, headers={"Accept-Language": "id"}).json()
    said = {row["code"]: row["message"] for row in page["results"]}
    assert said["archive:file:empty"] == "Berkas kosong."
