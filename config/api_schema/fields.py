"""Fields that drf-spectacular describes by the model behind them, and not as they look here."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import append_meta
from rest_framework import serializers


class UserNameField(OpenApiSerializerFieldExtension):
    """People by their user names; null where nobody did it, or he is gone."""

    target_class = "rest_framework.relations.SlugRelatedField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        field = self.target
        schema = {"type": "string", "description": "User name." if field.slug_field == "username" else ""}
        return append_meta(schema, {"nullable": True} if _may_be_nobody(field) else {})


def _may_be_nobody(field: Any) -> bool:
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    if model is None or not field.read_only or isinstance(field.parent, serializers.ManyRelatedField):
        return False
    return bool(model._meta.get_field(field.source).null)
