"""Finding over REST: the same parameters as the pages take, and pages that hold at any size."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from archive.api import strict
from archive.api.pages import asked_size, size_parameter
from archive.finding.counts import count_found
from archive.finding.criteria import Criteria, blank_form, criteria_of
from archive.finding.filters import Scope
from archive.finding.pages import AFTER, BEFORE, EntryPage, page_of
from archive.models import Collection


def asked_criteria(request: Request, collection: Collection | None = None) -> Criteria:
    """What the request asks for. Raises ValidationError for what cannot be understood, field by field."""
    criteria = criteria_of(request.user, request.query_params, collection)
    check_understood(request, criteria.form)
    return criteria


def check_understood(request: Request, *forms_asked: forms.Form) -> None:
    """Raises ValidationError for what the forms refuse in the request's address, and for what they would make
    fit: programs have no use for a filter that is silently left out.
    """
    wrong: dict[str, list[str]] = {}
    for form in forms_asked:
        wrong |= {name: [str(each) for each in errors] for name, errors in form.errors.items()}
        for name, field in form.fields.items():
            reader = _READERS.get(type(field))
            if reader is None or name not in request.query_params:
                continue
            try:
                reader().run_validation(request.query_params[name])
            except ValidationError as error:
                wrong.setdefault(name, [str(each) for each in error.detail])
    if wrong:
        raise ValidationError(wrong)


def finding_parameters(*, within_one: bool) -> list[OpenApiParameter]:
    """The parameters of a list of photos for the schema; `within_one`: of a single collection."""
    form = blank_form(Scope(AnonymousUser(), Collection() if within_one else None))
    return [_parameter(name, field) for name, field in form.fields.items()]


class _TruthField(serializers.ChoiceField):
    def __init__(self) -> None:
        super().__init__(choices=["true", "false"])


# What an address must say where the pages' forms are lenient; an empty value is none.
_READERS: dict[type[forms.Field], type[serializers.Field[Any, Any, Any, Any]]] = {
    forms.BooleanField: _TruthField,
    forms.FloatField: serializers.FloatField,
    forms.ChoiceField: serializers.CharField,
    forms.ModelChoiceField: strict.UUIDField,
}


class FoundPagination(BasePagination):
    """Pages by the last photo seen: follow `next`. `count` ends at 10,000 where something narrows; then
    `count_is_exact` is false.
    """

    def find(self, criteria: Criteria, request: Request) -> list[UUID]:
        """Keys of the photos of the page that the request asks for. Raises InputError as `page_of` does."""
        self._address = request.build_absolute_uri()
        self._page = page_of(
            criteria,
            size=asked_size(request),
            after=request.query_params.get(AFTER, ""),
            before=request.query_params.get(BEFORE, ""),
        )
        self._count = count_found(criteria, self._page.states)
        return self._page.photos

    def get_paginated_response(self, data: Any) -> Response:
        page: EntryPage = self._page
        return Response(
            {
                "count": self._count.number,
                "count_is_exact": self._count.is_exact,
                "next": self._link(AFTER, page.next),
                "previous": self._link(BEFORE, page.previous),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "count_is_exact", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "example": 123},
                "count_is_exact": {"type": "boolean"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        place = {"type": "string"}
        return [
            {"name": AFTER, "in": "query", "schema": place, "description": "As `next` has it."},
            {
                "name": BEFORE,
                "in": "query",
                "schema": place,
                "description": "As `previous` has it; or `end`.",
            },
            size_parameter(),
        ]

    def _link(self, name: str, place: str | None) -> str | None:
        if place is None:
            return None
        other = BEFORE if name == AFTER else AFTER
        return replace_query_param(remove_query_param(self._address, other), name, place)


def _parameter(name: str, field: forms.Field) -> OpenApiParameter:
    kinds = {forms.BooleanField: OpenApiTypes.BOOL, forms.FloatField: OpenApiTypes.NUMBER}
    kinds[forms.ModelChoiceField] = OpenApiTypes.UUID
    # Those of a ModelChoiceField stand in the database.
    choices: Any = field.choices if type(field) is forms.ChoiceField else []
    about = " ".join(str(text) for text in (field.label, field.help_text) if text)
    return OpenApiParameter(
        name,
        kinds.get(type(field), OpenApiTypes.STR),
        description=about,
        enum=[value for value, _label in choices if value] or None,
    )
