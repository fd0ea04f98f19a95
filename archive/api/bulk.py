"""Many things at once over REST: a result for each, in the order in which they were named. A refused one
stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from archive.api import strict
from archive.api.description_serializers import KnownFieldsOnly
from archive.errors import PulihError
from archive.models import Photo

MOST_NAMED = 10_000

_AT_ONCE = 1000  # SQLite takes no more than some thousand values at a time.


class ItemStatus(TextChoices):
    """What became of one."""

    DONE = "done"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class PhotosSerializer(KnownFieldsOnly):
    """Which photos; twice the same is once."""

    photos = serializers.ListField(child=strict.UUIDField(), allow_empty=False, max_length=MOST_NAMED)


class ItemSerializer(serializers.Serializer[Any]):
    """What became of one; `code` and `message` say why it was refused, and are empty otherwise."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ItemStatus.choices)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class ItemsSerializer(serializers.Serializer[Any]):
    """One result for each, in the order in which they were named."""

    results = ItemSerializer(many=True)


def named_photos(request: Request) -> list[UUID]:
    """The photos that the request names, each once. Raises ValidationError."""
    asked = PhotosSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return list(dict.fromkeys(asked.validated_data["photos"]))


def keys_among(rows: QuerySet[Any], named: Iterable[UUID]) -> set[UUID]:
    """Those of `named` that are among the rows."""
    keys, found = list(named), set()
    for start in range(0, len(keys), _AT_ONCE):
        found |= set(rows.filter(pk__in=keys[start : start + _AT_ONCE]).values_list("pk", flat=True))
    return found


def refusals(request: Request, named: Iterable[UUID], mine: set[UUID]) -> dict[UUID, PulihError]:
    """Why those are refused that are not `mine`: a photo that is seen, not permitted; another, not found."""
    others = [key for key in named if key not in mine]
    visible = keys_among(Photo.objects.visible_to(request.user), others)
    return {
        key: PulihError("permission_denied", gettext("You may not do this with this photo."))
        if key in visible
        else PulihError("not_found", gettext("There is no such photo."))
        for key in others
    }


def item(key: UUID, status: str, error: PulihError | None = None) -> dict[str, Any]:
    """One result."""
    code, message = (error.code, error.message) if error else ("", "")
    return {"id": str(key), "status": ItemStatus(status).value, "code": code, "message": message}


def items(
    named: Iterable[UUID],
    done: set[UUID],
    refused: Mapping[UUID, PulihError],
    *,
    more: Callable[[UUID], dict[str, Any]] = lambda key: {},
) -> Response:
    """The answer: those neither done nor refused were so already. `more`: what else a result says."""
    results = []
    for key in named:
        status = ItemStatus.REFUSED if key in refused else ItemStatus.DONE
        if key not in refused and key not in done:
            status = ItemStatus.UNCHANGED
        results.append(item(key, status, refused.get(key)) | more(key))
    return Response({"results": results})
