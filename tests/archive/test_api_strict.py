"""What is of another type is refused, not made to fit."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from rest_framework import serializers

from archive.api import strict


class Sent(serializers.Serializer[Any]):
    text = strict.CharField(required=False)
    mail = strict.EmailField(required=False)
    truth = strict.BooleanField(required=False)
    number = strict.IntegerField(required=False)
    key = strict.UUIDField(required=False)
    moment = strict.DateTimeField(required=False)
    row = strict.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False, allow_null=True)


GOOD = {
    "text": "5",
    "mail": "siti@example.org",
    "truth": False,
    "number": 5,
    "key": "4cb8bca2-9d47-44c8-af3b-15b572eefe5f",
    "moment": "2026-11-23T03:31:50+07:00",
}
BAD = [
    ("text", 5),
    ("text", True),
    ("text", "nul \x00"),
    ("mail", 5),
    ("truth", "true"),
    ("truth", 1),
    ("number", "5"),
    ("number", True),
    ("number", 5.5),
    ("key", "4cb8bca29d4744c8af3b15b572eefe5f"),
    ("key", 5),
    ("moment", "2026-11-23T03:31:50"),
    ("moment", "2026-11-23"),
    ("moment", 5),
    ("row", ""),
    ("row", 5),
]


def test_what_is_of_its_type_is_taken() -> None:
    sent = Sent(data=GOOD | {"number": 5.0})
    assert sent.is_valid(), sent.errors
    assert (sent.validated_data["number"], sent.validated_data["truth"]) == (5, False)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_another_type_is_refused(name: str, value: Any) -> None:
    sent = Sent(data=GOOD | {name: value})
    assert not sent.is_valid()
    assert list(sent.errors) == [name]


def test_a_form_is_text() -> None:
    sent = Sent(data=QueryDict("truth=true&number=5"))
    assert sent.is_valid(), sent.errors
    assert sent.validated_data == {"truth": True, "number": 5}
    assert not Sent(data=QueryDict("truth=perhaps")).is_valid()
