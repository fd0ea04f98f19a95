"""How errors look over REST."""

from typing import Any

from rest_framework import serializers


class ApiErrorSerializer(serializers.Serializer[Any]):
    """Every error looks like this. `fields` maps the name of a refused field to sentences about it."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]  # a field, not what holds them
