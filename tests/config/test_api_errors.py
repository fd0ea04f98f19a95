"""Every error of the API has one form."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers

from archive.errors import InputError, PulihError, StateError
from archive.messages import key_reused_error, stale_error
from config.api_errors import handle_api_error


class Inner(serializers.Serializer[Any]):
    year = serializers.IntegerField()


class Form(serializers.Serializer[Any]):
    title = serializers.CharField()
    inner = Inner(required=False)
    many = Inner(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["title"] == "odd":
            raise serializers.ValidationError("The parts do not fit together.")
        return attrs


CASES: dict[str, tuple[Exception, int, str, str]] = {
    "input": (
        InputError("archive:file:empty", "The file is empty."),
        400,
        "archive:file:empty",
        "The file is empty.",
    ),
    "state": (StateError("some:state", "Not now."), 409, "some:state", "Not now."),
    "any other of ours": (PulihError("some:code", "No."), 400, "some:code", "No."),
    "stale": (stale_error(), 412, "archive:precondition:changed", str(stale_error())),
    "key used": (
        key_reused_error(),
        422,
        "archive:idempotency:other-request",
        str(key_reused_error()),
    ),
    "busy": (
        OperationalError("database is locked"),
        503,
        "busy",
        "The platform is busy. Please try again soon.",
    ),
    "missing": (Http404("secret detail"), 404, "not_found", "Not found."),
    "not allowed": (
        PermissionDenied("secret detail"),
        403,
        "permission_denied",
        "You do not have permission to perform this action.",
    ),
    "not signed in": (
        exceptions.NotAuthenticated(),
        401,
        "not_authenticated",
        "Authentication credentials were not provided.",
    ),
    "method": (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", 'Method "PUT" not allowed.'),
    "broken json": (exceptions.ParseError("JSON parse error"), 400, "parse_error", "JSON parse error"),
}


@pytest.mark.parametrize(("error", "status", "code", "message"), CASES.values(), ids=CASES)
def test_errors_without_fields(error: Exception, status: int, code: str, message: str) -> None:
    response = handle_api_error(error, {})
    assert response is not None
    assert response.data == {"code": code, "message": message, "fields": {}}
    # Without a challenge header, REST framework turns 401 into 403 later, in the view.
    assert response.status_code == status


FORMS: dict[str, tuple[dict[str, Any], dict[str, list[str]]]] = {
    "field": ({}, {"title": ["This field is required."]}),
    "nested field": (
        {"title": "x", "inner": {"year": "?"}},
        {"inner.year": ["A valid integer is required."]},
    ),
    "field in a list": (
        {"title": "x", "many": [{"year": 1}, {}]},
        {"many.1.year": ["This field is required."]},
    ),
    "no field": ({"title": "odd"}, {"": ["The parts do not fit together."]}),
}


@pytest.mark.parametrize(("data", "fields"), FORMS.values(), ids=FORMS)
def test_errors_of_fields(data: dict[str, Any], fields: dict[str, list[str]]) -> None:
    form = Form(data=data)
    with pytest.raises(exceptions.ValidationError) as refused:
        form.is_valid(raise_exception=True)
    response = handle_api_error(refused.value, {})
    assert response is not None
    assert response.status_code == 400
    assert response.data == {
        "code": "invalid",
        "message": "Some of the fields were not accepted.",
        "fields": fields,
    }


def test_waiting_time_is_kept() -> None:
    response = handle_api_error(exceptions.Throttled(wait=7), {})
    assert response is not None
    assert response.data["code"] == "throttled"
    assert response.headers["Retry-After"] == "7"


def test_what_nobody_expected_is_not_answered() -> None:
    assert handle_api_error(ZeroDivisionError("internal detail"), {}) is None


def test_who_is_to_wait_is_told_how_long() -> None:
    for error, seconds in (
        (OperationalError("database is locked"), "2"),
        (exceptions.Throttled(wait=12), "12"),
    ):
        response = handle_api_error(error, {})
        assert response is not None
        assert response["Retry-After"] == seconds
