"""Errors that no view has met look like all others: below /api/ the one form, elsewhere a page."""

import json

import pytest
from django.test import Client, RequestFactory

from config import error_answers


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/v1/nowhere/", "/api/v1/photos/not-a-uuid/"])
def test_an_address_of_the_api_that_leads_nowhere(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json() == {"code": "not_found", "message": "Not found.", "fields": {}}


@pytest.mark.django_db
def test_elsewhere_it_is_a_page(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_faults_and_nonsense() -> None:
    api, page = RequestFactory().get("/api/v1/photos/"), RequestFactory().get("/photos/")
    told = {
        (answer.status_code, json.loads(answer.content)["code"])
        for answer in (error_answers.server_error(api), error_answers.bad_request(api, ValueError("secret")))
    }
    assert told == {(500, "error"), (400, "bad_request")}
    assert error_answers.server_error(page)["Content-Type"].startswith("text/html")
    assert error_answers.bad_request(page, ValueError("secret"))["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_options_says_what_may_be_done_and_where_it_is_described(client: Client) -> None:
    answer = client.options("/api/v1/token/")
    assert answer["Allow"] == "POST, OPTIONS"
    assert answer.json()["schema"] == "http://testserver/api/v1/schema/"
