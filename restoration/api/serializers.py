"""How restorations and reviews look over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from archive.api.serializers import PhotoSerializer
from restoration.models import ModelVersion, Restoration, Review


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """The weights that were used."""

    class Meta:
        model = ModelVersion
        fields = ["name", "version", "weights_sha256"]
        read_only_fields = fields


class ResultSerializer(serializers.Serializer[Restoration]):
    """The restored file; `url` is where it can be downloaded. Sizes in bytes and pixels."""

    url = serializers.URLField()
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    byte_size = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class RestorationErrorSerializer(serializers.Serializer[Restoration]):
    """Why a restoration failed: a code for programs, a sentence for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class RestorationSerializer(serializers.ModelSerializer[Restoration]):
    """A restoration. Poll `url` until `status` is done or failed; `progress` is in per cent."""

    url = serializers.SerializerMethodField()
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    error = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    model_version = ModelVersionSerializer(read_only=True, allow_null=True)
    review_state = serializers.ChoiceField(choices=Restoration.ReviewState.choices, read_only=True)

    class Meta:
        model = Restoration
        fields = [
            "id",
            "url",
            "photo",
            "status",
            "progress",
            "attempts",
            "error",
            "result",
            "review_state",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
            "original_sha256",
            "model_version",
            "code_version",
            "parameters",
            "seed",
            "change_report",
            "peak_memory_bytes",
        ]
        read_only_fields = fields

    def get_url(self, restoration: Restoration) -> str:
        return reverse("api:restoration-detail", args=[restoration.pk], request=self.context["request"])

    @extend_schema_field(RestorationErrorSerializer(allow_null=True))
    def get_error(self, restoration: Restoration) -> dict[str, str] | None:
        if restoration.status != Restoration.Status.FAILED:
            return None
        return {"code": restoration.error_code, "message": restoration.failure_sentence}

    @extend_schema_field(ResultSerializer(allow_null=True))
    def get_result(self, restoration: Restoration) -> dict[str, Any] | None:
        if restoration.status != Restoration.Status.DONE:
            return None
        url = reverse("api:restoration-result", args=[restoration.pk], request=self.context["request"])
        return {
            "url": url,
            "sha256": restoration.result_sha256,
            "media_type": restoration.result_media_type,
            "byte_size": restoration.result_byte_size,
            "width": restoration.result_width,
            "height": restoration.result_height,
        }


class RestoredPhotoSerializer(PhotoSerializer):
    """A photo with its newest restoration, if it has one."""

    latest_restoration = RestorationSerializer(read_only=True, allow_null=True)

    class Meta(PhotoSerializer.Meta):
        fields = [*PhotoSerializer.Meta.fields, "latest_restoration"]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    """One picture file: JPEG, PNG, TIFF, WebP or BMP."""

    # An empty file is the ingest service's to refuse, with its own code.
    file = serializers.FileField(allow_empty_file=True, max_length=255, write_only=True)


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """A decision about a finished restoration; the newest one counts."""

    reviewer = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")

    class Meta:
        model = Review
        fields = ["id", "decision", "comment", "reviewer", "created_at"]
        read_only_fields = ["id", "reviewer", "created_at"]


class ApiErrorSerializer(serializers.Serializer[Any]):
    """Every error looks like this. `fields` maps the name of a refused field to sentences about it."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]
