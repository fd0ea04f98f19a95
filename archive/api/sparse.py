"""Answers with some of their fields only: `?fields=id,title`."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

FIELDS = "fields"


class SparseFields(serializers.Serializer[Any]):
    """For serializers of lists and details: whoever reads may name the fields that he wants.

    What is not asked for is not computed. Raises ValidationError for a name that there is not.
    """

    @cached_property
    def fields(self) -> Any:
        fields: Any = super().fields
        asked = self._asked_names()
        if unknown := [name for name in asked if name not in fields]:
            raise serializers.ValidationError(
                {FIELDS: [_("There is no field “%(name)s”.") % {"name": name} for name in unknown]}
            )
        for name in [name for name in fields if asked and name not in asked]:
            del fields[name]
        return fields

    def _asked_names(self) -> list[str]:
        """The names in the request's address; none where it writes, names nothing, or means another part."""
        request = self.context.get("request") if self._is_outermost() else None
        if request is None or request.method not in SAFE_METHODS:
            return []
        given = request.query_params.get(FIELDS, "")
        return [name for part in given.split(",") if (name := part.strip())]

    def _is_outermost(self) -> bool:
        parent = self.parent
        return parent is None or (isinstance(parent, serializers.ListSerializer) and parent.parent is None)
