"""Fields for what comes in: JSON has types, and what is of another type is refused, not made to fit.

REST framework takes 1 for "1" and "yes" for true. Then a mistake in a program is kept as data, and the schema
of the API tells half of what is taken. Fields of a form (multipart) are text, and are read as such.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.utils import html

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# RFC 3339: with seconds and a zone, so that nobody has to guess which.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_FORM_TRUTHS = {"true", "false"}


class CharField(serializers.CharField):
    """Text, and no number that is made to be text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class EmailField(serializers.EmailField):
    """An address for mail, as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class BooleanField(serializers.BooleanField):
    """true or false; in a form also as these words."""

    def to_internal_value(self, data: Any) -> Any:
        is_word = _is_form(self) and isinstance(data, str) and data.lower() in _FORM_TRUTHS
        if not isinstance(data, bool) and not is_word and not (data is None and self.allow_null):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class IntegerField(serializers.IntegerField):
    """A whole number; in a form its digits."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            # JSON knows one kind of number, and 3.0 is as whole as 3.
            data = int(data)
        if isinstance(data, bool) or not (
            isinstance(data, int) or (_is_form(self) and isinstance(data, str))
        ):
            self.fail("invalid")
        return super().to_internal_value(data)


class UUIDField(serializers.UUIDField):
    """A UUID as everybody writes it."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class DateTimeField(serializers.DateTimeField):
    """A moment with its zone."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss[.uuuuuu]+HH:MM|-HH:MM|Z")
        return super().to_internal_value(value)


class PrimaryKeyRelatedField(serializers.PrimaryKeyRelatedField[Any]):
    """A row by its UUID; an empty text names none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"pk_field": UUIDField(), **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        if data == "" and not _is_form(self):
            self.fail("incorrect_type", data_type="str")
        return super().run_validation(data)


class ModelSerializer(serializers.ModelSerializer[Any]):
    """A serializer of a model whose fields are those of this module."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: CharField,
        models.TextField: CharField,
        models.SlugField: serializers.SlugField,
        models.EmailField: EmailField,
        models.BooleanField: BooleanField,
        models.IntegerField: IntegerField,
        models.PositiveIntegerField: IntegerField,
        models.PositiveSmallIntegerField: IntegerField,
        models.UUIDField: UUIDField,
        models.DateTimeField: DateTimeField,
    }


def _is_form(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    return html.is_html_input(getattr(field.root, "initial_data", None))
