"""The schema says of every operation what a client must know, and its examples are true."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.urls import reverse

from archive.access.scopes import Scope
from archive.webhooks.kinds import TEST, hook_kinds
from config.api_schema.examples import ANSWERS, REQUESTS
from config.api_schema.tags import TAGS


@pytest.fixture(scope="module")
def schema() -> Any:
    # No database: whoever wants to know what there is need not be anybody.
    answer = Client(headers={"Accept": "application/vnd.oai.openapi+json"}).get(reverse("api:schema"))
    assert answer.status_code == 200
    return json.loads(answer.content)


def operations(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_openapi_3_1_below_one_version(schema: Any) -> None:
    assert schema["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in schema["paths"])


def test_every_operation_has_a_name_a_tag_and_a_description(schema: Any) -> None:
    names = Counter(operation["operationId"] for _at, operation in operations(schema))
    assert max(names.values()) == 1
    assert {tag["name"] for tag in schema["tags"]} == set(TAGS)
    for at, operation in operations(schema):
        assert operation["operationId"].isidentifier(), at
        assert operation.get("description"), at
        assert len(operation["tags"]) == 1, at
        assert operation["tags"][0] in TAGS, at
        assert not at.endswith("/{id}/") or operation["tags"] != ["Platform"], at


def test_bytes_are_never_left_out(schema: Any) -> None:
    sent = schema["paths"]["/api/v1/uploads/{id}/"]["patch"]["requestBody"]
    assert sent["required"]


def test_every_error_has_the_one_form(schema: Any) -> None:
    shared = schema["components"]["responses"]
    for at, operation in operations(schema):
        for status, answer in operation["responses"].items():
            if status < "400" or status == "416":
                continue
            told = shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
            refs = [content["schema"]["$ref"] for content in told["content"].values()]
            assert refs == ["#/components/schemas/ApiError"] or (status == "409" and len(refs) == 1), at


def test_every_operation_says_who_may_call_it(schema: Any) -> None:
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}
    for at, operation in operations(schema):
        needed: dict[str, list[str]] = {}
        for requirement in operation["security"]:
            needed |= requirement
        assert {"401", "403"} <= operation["responses"].keys() or {} in operation["security"], at
        assert set(needed.get("token", [])) <= set(Scope.values), at


def test_what_is_sent_to_webhooks_has_its_section(schema: Any) -> None:
    assert schema["webhooks"].keys() == {*hook_kinds(), TEST}
    assert {name for each in schema["webhooks"].values() for name in each["post"]["tags"]} <= set(TAGS)


def test_headers_that_clients_need(schema: Any) -> None:
    by_name = {operation["operationId"]: operation for _at, operation in operations(schema)}

    def takes(name: str) -> set[str]:
        return {each["name"] for each in by_name[name]["parameters"] if each["in"] == "header"}

    def gives(name: str, status: str) -> set[str]:
        return set(by_name[name]["responses"][status]["headers"])

    assert "Idempotency-Key" in takes("collections_create")
    assert {"Location", "Idempotency-Replayed"} <= gives("collections_create", "201")
    assert "If-Match" in takes("collections_partial_update")
    assert "ETag" in gives("collections_retrieve", "200")
    assert "Location" in gives("photos_restorations_request", "202")
    assert "Range" in takes("photos_original")
    assert "Content-Range" in gives("photos_original", "206")
    too_many = schema["components"]["responses"][
        by_name["sign_in"]["responses"]["429"]["$ref"].rpartition("/")[2]
    ]
    assert "Retry-After" in too_many["headers"]


def test_examples_are_what_the_schema_says(schema: Any) -> None:
    by_name = {operation["operationId"]: operation for _at, operation in operations(schema)}
    shown = [(name, by_name[name]["requestBody"]) for name in REQUESTS]
    shown += [(name, by_name[name]["responses"][status]) for name, status in ANSWERS]
    for name, part in shown:
        content = part["content"]["application/json"]
        kind = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | content["schema"]
        whole = kind | {"components": schema["components"]}
        wrong = [
            f"{error.json_path}: {error.message}"
            for error in jsonschema.Draft202012Validator(whole).iter_errors(content["example"])
        ]
        assert not wrong, (name, wrong)
        if "$ref" in kind and part is not by_name[name].get("requestBody"):
            properties = schema["components"]["schemas"][kind["$ref"].rpartition("/")[2]]["properties"]
            assert content["example"].keys() == properties.keys(), name
