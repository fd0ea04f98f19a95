"""How restorations and reviews look over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from archive.api import strict
from archive.api.addresses import address_of
from archive.api.serializers import PhotoSerializer
from archive.api.showing import ShownModelSerializer
from archive.api.sparse import SparseFields
from restoration import messages
from restoration.models import ModelVersion, Restoration, Review
from restoration.querysets import RESTORATION_ORDERS, RESTORATION_STATES
from restoration.running.stored_files import LAYERS, Kept, files_of, kept_media_type

THOROUGH = "Finds more, errs less, takes three to four times as long."


class ModelVersionSerializer(ShownModelSerializer[ModelVersion]):
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


class KeptFileSerializer(serializers.Serializer[Restoration]):
    """A file that was kept beside the result; `url` is where it can be downloaded."""

    url = serializers.URLField()
    sha256 = serializers.CharField()
    media_type = serializers.CharField()


class LayersSerializer(serializers.Serializer[Restoration]):
    """Grey PNGs of the upright photo, at most 1,600 pixels a side; null where there is none.

    `mask`: 255 where damage was certain. `change`: steps of 255. `invention`: four times the spread of
    several passes in grey levels.
    """

    mask = KeptFileSerializer(allow_null=True)
    change = KeptFileSerializer(allow_null=True)
    invention = KeptFileSerializer(allow_null=True)


class WarningSerializer(serializers.Serializer[Any]):
    """Something about the photo for which the model was not measured: a code and a sentence."""

    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


class RestorationErrorSerializer(serializers.Serializer[Restoration]):
    """Why a restoration failed: a code for programs, a sentence for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class RestorationSerializer(SparseFields, ShownModelSerializer[Restoration]):
    """A restoration. Poll `url` until `status` is done or failed; `progress` is in per cent.

    `wanted_model`: the model asked for, null for the default. `based_on`: the restoration whose repair was
    blended again. `repair`: what the network changes, in the original's own samples, before `strength`.
    `invention`: mean spread of several passes inside the repair, in grey levels of 255.
    """

    url = serializers.SerializerMethodField()
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    error = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    model_version = ModelVersionSerializer(read_only=True, allow_null=True)
    review_state = serializers.ChoiceField(choices=Restoration.ReviewState.choices, read_only=True)
    hand = serializers.SerializerMethodField()
    repair = serializers.SerializerMethodField()
    layers = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    change_report = serializers.DictField(read_only=True)
    parameters = serializers.DictField(read_only=True)

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
            "wanted_model",
            "strength",
            "quick",
            "thorough",
            "hand",
            "based_on",
            "model_version",
            "code_version",
            "parameters",
            "seed",
            "change_report",
            "share_damaged",
            "invention",
            "warnings",
            "layers",
            "repair",
            "peak_memory_bytes",
        ]
        read_only_fields = fields

    def get_url(self, restoration: Restoration) -> str:
        return address_of(self.context, "api:restoration-detail", restoration.pk)

    @extend_schema_field(RestorationErrorSerializer(allow_null=True))
    def get_error(self, restoration: Restoration) -> dict[str, str] | None:
        if restoration.status != Restoration.Status.FAILED:
            return None
        return {"code": restoration.error_code, "message": restoration.failure_sentence}

    @extend_schema_field(ResultSerializer(allow_null=True))
    def get_result(self, restoration: Restoration) -> dict[str, Any] | None:
        if restoration.status != Restoration.Status.DONE:
            return None
        return {
            "url": address_of(self.context, "api:restoration-result", restoration.pk),
            "sha256": restoration.result_sha256,
            "media_type": restoration.result_media_type,
            "byte_size": restoration.result_byte_size,
            "width": restoration.result_width,
            "height": restoration.result_height,
        }

    @extend_schema_field(KeptFileSerializer(allow_null=True))
    def get_hand(self, restoration: Restoration) -> dict[str, str] | None:
        return self._kept(restoration, Kept.HAND)

    @extend_schema_field(KeptFileSerializer(allow_null=True))
    def get_repair(self, restoration: Restoration) -> dict[str, str] | None:
        return self._kept(restoration, Kept.REPAIR)

    @extend_schema_field(LayersSerializer)
    def get_layers(self, restoration: Restoration) -> dict[str, dict[str, str] | None]:
        return {layer.value: self._kept(restoration, layer) for layer in LAYERS}

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, restoration: Restoration) -> list[dict[str, Any]]:
        return [
            {
                "code": warning["code"],
                "message": messages.warning_sentence(warning),
                "details": {name: value for name, value in warning.items() if name != "code"},
            }
            for warning in restoration.warnings
        ]

    def _kept(self, restoration: Restoration, kind: Kept) -> dict[str, str] | None:
        """What a client needs to fetch a kept file; None where there is none, or none yet."""
        sha256 = files_of(restoration).kept.get(kind)
        if not sha256 or (kind is not Kept.HAND and restoration.status != Restoration.Status.DONE):
            return None
        name, more = ("restoration-hand", []) if kind is Kept.HAND else ("restoration-layer", [kind.value])
        url = address_of(self.context, f"api:{name}", restoration.pk, *more)
        return {"url": url, "sha256": sha256, "media_type": kept_media_type(kind)}


class RestorationRequestSerializer(serializers.Serializer[Any]):
    """How to restore: everything may be left out."""

    model = strict.PrimaryKeyRelatedField(
        queryset=ModelVersion.objects.all(),
        allow_null=True,
        default=None,
        help_text="A registered model; without one, the default when a worker begins.",
    )
    strength = strict.IntegerField(
        min_value=0, max_value=100, default=100, help_text="Per cent of the repair blended in."
    )
    quick = strict.BooleanField(default=False, help_text="Faster, a little worse.")
    thorough = strict.BooleanField(default=False, help_text=THOROUGH)
    hand = serializers.FileField(
        allow_null=True,
        default=None,
        write_only=True,
        help_text="Grey PNG of the upright photo: 0 leave it to the model, 128 protect, 255 repair. "
        "Of a file with several pages it speaks of the first; the others are left to the model.",
    )


class StrengthSerializer(serializers.Serializer[Any]):
    """How much of the repair is blended into the original, in per cent."""

    strength = strict.IntegerField(min_value=0, max_value=100)


class RestorationQuerySerializer(serializers.Serializer[Any]):
    """Which restorations of a collection, and in which order."""

    state = serializers.ChoiceField(
        choices=RESTORATION_STATES, required=False, help_text="`unreviewed` is what awaits review."
    )
    ordering = serializers.ChoiceField(
        choices=list(RESTORATION_ORDERS),
        default="-requested_at",
        help_text="What was not measured comes last.",
    )


class RestoredPhotoSerializer(PhotoSerializer):
    """A photo with its newest restoration, if it has one."""

    latest_restoration = RestorationSerializer(read_only=True, allow_null=True)

    class Meta(PhotoSerializer.Meta):
        fields = [*PhotoSerializer.Meta.fields, "latest_restoration"]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    """One picture file: JPEG, PNG, TIFF, WebP or BMP.

    `folder` is where it lay; with `sha256` (hex), a file that arrives otherwise is refused.
    """

    # An empty file is the ingest service's to refuse, with its own code.
    file = serializers.FileField(allow_empty_file=True, max_length=255, write_only=True)
    folder = strict.CharField(required=False, default="", allow_blank=True, write_only=True)
    sha256 = strict.CharField(required=False, default="", allow_blank=True, write_only=True)


class ReviewSerializer(SparseFields, serializers.ModelSerializer[Review]):
    """A decision about a finished restoration; the newest one counts. One that undoes another is "undone".

    `expected_state`: the review state that one has seen; when it is another by now, the answer is 409.
    """

    reviewer = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    comment = strict.CharField(required=False, allow_blank=True, max_length=2000, default="")
    expected_state = serializers.ChoiceField(
        choices=Restoration.ReviewState.choices, required=False, write_only=True
    )

    class Meta:
        model = Review
        fields = ["id", "decision", "reason", "comment", "reviewer", "created_at", "expected_state"]
        read_only_fields = ["id", "reviewer", "created_at"]

    def validate_decision(self, decision: str) -> str:
        """Decisions are undone where `review_undo` does it."""
        if decision not in Review.Decision.values:
            raise serializers.ValidationError(messages.sentence("restoration:review:unknown-decision"))
        return decision
