"""Rows as the API shows them, many at a time: serializers that are read and never written.

REST framework finds out anew for each request which fields a model has, and for each value of each row where
it is and what it is. That took most of the time of a list. What is answered is the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import ISO_8601, serializers
from rest_framework.fields import Field, SkipField
from rest_framework.settings import api_settings

Row = TypeVar("Row", bound=Model)
Reader = Callable[[Any], Any]
"""From a row to what is shown of it. Raises SkipField where nothing is."""

_PLAIN: dict[type[Field[Any, Any, Any, Any]], Reader] = {
    serializers.CharField: str,
    serializers.IntegerField: int,
    serializers.FloatField: float,
    serializers.UUIDField: str,
}


class ShownModelSerializer(serializers.ModelSerializer[Row]):
    """A model serializer of which every field is read only."""

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        return {name: _copy_of(field) for name, field in _fields_of(type(self)).items()}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = {}
        for name, read in self._readers:
            try:
                shown[name] = read(instance)
            except SkipField:
                continue
        return shown

    @cached_property
    def _readers(self) -> list[tuple[str, Reader]]:
        model = self.Meta.model
        return [(str(field.field_name), _reader_of(field, model)) for field in self._readable_fields]


@cache
def _fields_of(kind: type[ShownModelSerializer[Any]]) -> dict[str, Field[Any, Any, Any, Any]]:
    """Its fields as REST framework makes them; they are copied, and never used themselves."""
    fields = super(ShownModelSerializer, kind()).get_fields()
    assert all(field.read_only for field in fields.values()), f"{kind} writes"
    return fields


def _copy_of(field: Field[Any, Any, Any, Any]) -> Field[Any, Any, Any, Any]:
    # What holds others is their parent, so they must be made with it.
    holds = isinstance(field, serializers.BaseSerializer | serializers.ManyRelatedField) or hasattr(
        field, "child"
    )
    return copy.deepcopy(field) if holds else copy.copy(field)


def _reader_of(field: Any, model: type[Model]) -> Reader:
    kind = type(field)
    if kind is serializers.SerializerMethodField:
        read: Reader = getattr(field.parent, str(field.method_name))
        return read
    column = _column_of(field, model)
    if column is None:
        return _reader_by_itself(field)
    if kind is serializers.PrimaryKeyRelatedField and column.many_to_one:
        return attrgetter(column.attname)
    if kind is serializers.SlugRelatedField and column.many_to_one:
        return _or_none(attrgetter(column.name), attrgetter(field.slug_field))
    if isinstance(field, serializers.ManyRelatedField):
        return _reader_of_many(field, column.name)
    return _or_none(attrgetter(column.name), _converter_of(field))


def _column_of(field: Field[Any, Any, Any, Any], model: type[Model]) -> Any:
    """The model's own field of that name, which every row has; None for anything else."""
    try:
        column = model._meta.get_field(str(field.source))
    except FieldDoesNotExist:
        return None
    return column if column.concrete else None


def _converter_of(field: Field[Any, Any, Any, Any]) -> Reader:
    kind = type(field)
    if kind is serializers.DateTimeField and api_settings.DATETIME_FORMAT == ISO_8601:
        zone = timezone.get_current_timezone()

        def told(moment: Any) -> str:
            text: str = moment.astimezone(zone).isoformat()
            return f"{text[:-6]}Z" if text.endswith("+00:00") else text

        return told
    return _PLAIN.get(kind, field.to_representation)


def _reader_by_itself(field: Field[Any, Any, Any, Any]) -> Reader:
    """As REST framework does it."""
    return _or_none(field.get_attribute, field.to_representation)


def _reader_of_many(field: Any, name: str) -> Reader:
    """Of many-to-many rows, which lists have fetched beforehand."""
    one = field.child_relation.to_representation

    def read(row: Any) -> list[Any]:
        fetched = getattr(row, "_prefetched_objects_cache", {}).get(name)
        return [one(each) for each in (field.get_attribute(row) if fetched is None else fetched)]

    return read


def _or_none(read: Reader, convert: Reader) -> Reader:
    def read_and_convert(row: Any) -> Any:
        value = read(row)
        return None if value is None else convert(value)

    return read_and_convert
