"""Every code that an error of the API may carry. Programs go by codes, which never change."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from archive import messages as archive_messages
from archive.api.error_codes import GENERAL
from archive.api.sparse import SparseFields
from restoration import messages as restoration_messages


class ErrorCodeSerializer(SparseFields, serializers.Serializer[Any]):
    """A code, and what it means; `%(name)s` stands for what an answer says there."""

    code = serializers.CharField()
    message = serializers.CharField()


class ErrorCodes(generics.ListAPIView[Any]):
    """Codes of errors."""

    permission_classes = (AllowAny,)
    serializer_class = ErrorCodeSerializer

    def get_queryset(self) -> Any:
        return known_errors()

    @extend_schema(operation_id="errors")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them: first those that any address may answer with, then by subject."""
        return self.list(request, *args, **kwargs)


def known_errors() -> list[dict[str, str]]:
    """Code and sentence of every error, in the language that is active."""
    own = {code: str(text) for code, text in restoration_messages.SENTENCES.items()}
    subjects = {code: gettext(text) for code, text in archive_messages.MESSAGES.items()} | own
    general = {code: gettext(text) for code, text in GENERAL.items()}
    every = [*general.items(), *sorted(subjects.items())]
    return [{"code": code, "message": message} for code, message in every]
