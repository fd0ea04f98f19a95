"""Uploads, imports and near duplicates as JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from archive.api.sparse import SparseFields
from archive.models import ImportItem, ImportRun, Upload


class ResumableUploadSerializer(SparseFields, serializers.ModelSerializer[Upload]):
    """A resumable upload; `length` and `offset` are bytes. `code` and `message` tell why it was refused."""

    code = serializers.CharField(source="error_code", read_only=True)
    message = serializers.CharField(source="error_message", read_only=True)

    class Meta:
        model = Upload
        fields = [
            "id",
            "collection",
            "kind",
            "state",
            "filename",
            "folder",
            "length",
            "offset",
            "expires_at",
            "photo",
            "import_run",
            "code",
            "message",
        ]
        read_only_fields = fields


class ImportRunSerializer(SparseFields, serializers.ModelSerializer[ImportRun]):
    """An import of many files, and how many of them ended how."""

    started_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    code = serializers.CharField(source="error_code", read_only=True)
    message = serializers.CharField(source="error_message", read_only=True)
    taken = serializers.IntegerField(read_only=True)
    present = serializers.IntegerField(read_only=True)
    refused = serializers.IntegerField(read_only=True)
    passed_over = serializers.IntegerField(read_only=True)

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "collection",
            "source",
            "name",
            "state",
            "started_by",
            "total",
            "taken",
            "present",
            "refused",
            "passed_over",
            "code",
            "message",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class ImportItemSerializer(SparseFields, serializers.ModelSerializer[ImportItem]):
    """What became of one file of an import."""

    class Meta:
        model = ImportItem
        fields = ["path", "outcome", "code", "message", "photo"]
        read_only_fields = fields


class NearDuplicateSerializer(SparseFields, serializers.Serializer[Any]):
    """A photo that looks like the one asked about; `distance` is in bits of 64, 0 for the same look."""

    photo = serializers.UUIDField(source="photo.pk", read_only=True)
    collection = serializers.UUIDField(source="photo.collection_id", read_only=True)
    filename = serializers.CharField(source="photo.filename", read_only=True)
    distance = serializers.IntegerField(read_only=True)
    is_same_file = serializers.BooleanField(read_only=True)
