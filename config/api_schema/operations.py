"""One operation of the REST API: what every operation has, added to what its view says."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance, get_doc
from rest_framework.permissions import AllowAny

from archive.api.authentication import NotByToken, scope_of
from archive.api.errors import ApiErrorSerializer
from archive.api.negotiation import TakeAnyAccept
from archive.api.preconditions import HasETag
from archive.api.promises import Promise, keeps
from archive.api.sparse import SparseFields
from config.api_schema.answers import (
    ERROR,
    ERRORS,
    ETAG,
    FIELDS,
    FILE,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    PART,
    RANGE,
    REPLAYED,
)
from config.api_schema.examples import ANSWERS, REQUESTS
from config.api_schema.fields import UserNameField
from config.api_schema.security import ApiTokenScheme, SessionScheme
from config.api_schema.tags import tag_of

# drf-spectacular knows an extension once its class is there.
EXTENSIONS = (ApiTokenScheme, SessionScheme, UserNameField)

_NO_PART = {"Content-Range": PART["Content-Range"] | {"example": "bytes */8345120"}}


class OperationSchema(AutoSchema):
    """Adds to an operation its tag, the scope that it asks of tokens, and the errors that can come."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self.resolve_serializer(ApiErrorSerializer, "response")
        answers: dict[str, Any] = operation["responses"]
        self._add_promises(operation, answers)
        for error in self._errors(operation):
            answers.setdefault(str(error), {})
        for status, answer in answers.items():
            if int(status) in ERRORS and _is_error(answer):
                answers[status] = _shared(int(status), answer)
        operation["responses"] = dict(sorted(answers.items()))
        _require_bytes(operation)
        _add_examples(operation)
        return operation

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """What there is at the address, and what this method does there."""
        docs = (get_doc(self.view.__class__), get_doc(getattr(self.view, self.method.lower())))
        return "\n\n".join(dict.fromkeys(filter(None, docs)))

    def get_summary(self) -> str:
        """Their first sentences, for lists of operations."""
        docs = (get_doc(self.view.__class__), get_doc(getattr(self.view, self.method.lower())))
        return " · ".join(dict.fromkeys(_first_sentence(doc) for doc in docs if doc))

    def get_tags(self) -> list[str]:
        return [tag_of(self.path)]

    def get_auth(self) -> list[dict[str, Any]]:
        """The scope that a token needs stands as the role of its requirement; some things no token does."""
        scope = scope_of(self.view, self.method)
        by_token = scope is not None and not self._has_permission(NotByToken)
        needed = {ApiTokenScheme.name: [scope.value] if scope else []}
        return [
            needed if ApiTokenScheme.name in requirement else requirement
            for requirement in super().get_auth()
            if by_token or ApiTokenScheme.name not in requirement
        ]

    def _add_promises(self, operation: dict[str, Any], answers: dict[str, Any]) -> None:
        """What decorators and base classes of the view do: keys against doubles, ETags, some fields only."""
        handler = getattr(self.view, self.method.lower())
        parameters: list[dict[str, Any]] = operation.setdefault("parameters", [])
        made = [answer for status, answer in answers.items() if status in {"200", "201", "202"}]
        if keeps(Promise.IDEMPOTENCY_KEY, handler):
            parameters.append(IDEMPOTENCY_KEY)
            answers |= {"409": answers.get("409", {}), "422": {}}
            _add_headers(made, REPLAYED)
        if keeps(Promise.IF_MATCH, handler):
            parameters.append(IF_MATCH)
            answers["412"] = {}
        if self.method == "GET" and isinstance(self.view, HasETag):
            parameters.append(IF_NONE_MATCH)
            answers["304"] = {"description": "You have it as it is."}
            _add_headers(made, ETAG)
        if self.method == "GET" and isinstance(_one_of(self.get_response_serializers()), SparseFields):
            parameters.append(FIELDS)
        if self._is_file(answers):
            parameters += [RANGE, IF_NONE_MATCH]
            whole = answers["200"]
            answers["206"] = whole | {"description": "The part that was asked for.", "headers": PART}
            answers["304"] = {"description": "You have it as it is."}
            answers["416"] = {"description": "There is no such part.", "headers": _NO_PART}
            _add_headers([whole], FILE)
        _add_headers([answers[status] for status in ("201", "202") if status in answers], LOCATION)
        if not parameters:
            del operation["parameters"]

    def _is_file(self, answers: dict[str, Any]) -> bool:
        """Whether stored bytes are handed out, of which one may ask for a part."""
        if self.view.content_negotiation_class is not TakeAnyAccept or self.method != "GET":
            return False
        return all(
            content["schema"].get("format") == "binary" for content in answers["200"]["content"].values()
        )

    def _errors(self, operation: dict[str, Any]) -> set[int]:
        """Statuses that any view answers with, by what it takes and whom it lets in."""
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        errors = {400} if places - {"path"} or "requestBody" in operation else set()
        if "path" in places:
            errors.add(404)
        if "requestBody" in operation:
            errors.add(415)
        errors.add(503)
        if not self._has_permission(AllowAny):
            errors |= {401, 403}
        if self.view.content_negotiation_class is not TakeAnyAccept:
            errors.add(406)
        return errors

    def _has_permission(self, wanted: type) -> bool:
        return any(isinstance(permission, wanted) for permission in self.view.get_permissions())


def _first_sentence(doc: str) -> str:
    return re.split(r"[.:;](?: |$)", " ".join(doc.split()), maxsplit=1)[0]


def _one_of(serializers: Any) -> Any:
    """The serializer of what is answered, of one item where that is a list of them."""
    if isinstance(serializers, dict):
        serializers = serializers.get(200)
    one = force_instance(serializers)
    return getattr(one, "child", one)


def _add_headers(answers: list[dict[str, Any]], headers: dict[str, Any]) -> None:
    for answer in answers:
        answer["headers"] = answer.get("headers", {}) | headers


def _require_bytes(operation: dict[str, Any]) -> None:
    """A body that is bytes and nothing else may be empty, but not be left out: it has a type to name."""
    body = operation.get("requestBody", {})
    if any(content["schema"].get("format") == "binary" for content in body.get("content", {}).values()):
        body["required"] = True


def _add_examples(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    if name in REQUESTS:
        operation["requestBody"]["content"]["application/json"]["example"] = REQUESTS[name]
    for status, answer in operation["responses"].items():
        if (name, status) in ANSWERS:
            answer["content"]["application/json"]["example"] = ANSWERS[name, status]


def _is_error(answer: dict[str, Any]) -> bool:
    """Whether it has the one form of errors, and not a body of its own."""
    schemas = [content.get("schema") for content in answer.get("content", {}).values()]
    return all(schema == ERROR for schema in schemas)


def _shared(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    name, error = ERRORS[status]
    reference = {"$ref": f"#/components/responses/{name}"}
    about = answer.get("description", "")
    # In OpenAPI 3.1 a reference may have words of its own.
    return reference | ({"description": about} if about and about != error["description"] else {})
