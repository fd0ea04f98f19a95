"""Models of the registry over REST, to read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers
from rest_framework.reverse import reverse

from archive.api.preconditions import HasETag
from archive.api.sparse import SparseFields
from restoration.models import ModelPromotion, ModelVersion
from restoration.querysets import ModelVersionQuerySet
from restoration.registry.figures import data_name, figures_of


class FigureSerializer(serializers.Serializer[Any]):
    """A mean over `n` pictures and its 95 % interval; null where the benchmark does not say."""

    mean = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)


class FiguresSerializer(serializers.Serializer[Any]):
    """What a model was measured at: by level and measure, on which data and when."""

    levels = serializers.DictField(child=serializers.DictField(child=FigureSerializer()))
    measured_on = serializers.CharField()
    measured_at = serializers.CharField()


class PromotionSerializer(serializers.ModelSerializer[ModelPromotion]):
    """One time that the model became the default."""

    promoted_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = ModelPromotion
        fields = ["promoted_at", "promoted_by", "replaced", "forced", "refusal_code", "reason"]
        read_only_fields = fields


class RegisteredModelSerializer(SparseFields, serializers.ModelSerializer[ModelVersion]):
    """A registered model; `figures` is null where nothing was measured."""

    url = serializers.SerializerMethodField()
    architecture = serializers.JSONField(read_only=True)
    figures = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = [
            "id",
            "url",
            "name",
            "version",
            "is_default",
            "weights_sha256",
            "architecture",
            "figures",
            "data_licence",
            "created_at",
        ]
        read_only_fields = fields

    def get_url(self, model: ModelVersion) -> str:
        return reverse("api:model-detail", args=[model.pk], request=self.context["request"])

    @extend_schema_field(FiguresSerializer(allow_null=True))
    def get_figures(self, model: ModelVersion) -> dict[str, Any] | None:
        levels = figures_of(model.benchmark)
        if not levels:
            return None
        about = {
            "levels": levels,
            "measured_on": data_name(model.benchmark),
            "measured_at": str(model.benchmark.get("created", "")),
        }
        return dict(FiguresSerializer(about).data)


class ModelDetailSerializer(RegisteredModelSerializer):
    """A registered model with its card (Markdown), the epochs of its training and its promotions."""

    training_log = serializers.ListField(child=serializers.DictField(), read_only=True)
    promotions = PromotionSerializer(many=True, read_only=True)

    class Meta(RegisteredModelSerializer.Meta):
        fields = [*RegisteredModelSerializer.Meta.fields, "card", "training_log", "promotions"]
        read_only_fields = fields


class ModelList(generics.ListAPIView[ModelVersion]):
    """Every registered model, the default first."""

    serializer_class = RegisteredModelSerializer
    queryset = ModelVersion.objects.none()

    def get_queryset(self) -> ModelVersionQuerySet:
        return ModelVersion.objects.visible_to(self.request.user).for_lists()


class ModelDetail(HasETag, generics.RetrieveAPIView[ModelVersion]):
    """One registered model."""

    serializer_class = ModelDetailSerializer
    queryset = ModelVersion.objects.none()

    def get_queryset(self) -> ModelVersionQuerySet:
        return ModelVersion.objects.visible_to(self.request.user).with_promotions()
