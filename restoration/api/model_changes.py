"""What is done with models over REST: two compared, sample pictures asked for, one made the default."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse as full_address

from archive.access.operators import is_operator
from archive.access.scopes import Scope
from archive.api.accepted import accepted
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.negotiation import TakeAnyAccept
from archive.api.renditions import RENDITION_RESPONSES, shown_rendition
from archive.api.strict import BooleanField, CharField
from archive.models import Rendition
from restoration import messages
from restoration.api.models import FigureSerializer, ModelDetailSerializer
from restoration.models import ModelVersion, SamplePicture, SampleResult, SampleRun
from restoration.querysets import ModelVersionQuerySet
from restoration.registry.figures import compare
from restoration.registry.model_comparison import SAMPLE_STATES, own_samples, sample_sha256
from restoration.services import promote_model, request_samples


class PromotionRequestSerializer(serializers.Serializer[Any]):
    """`force` makes it the default whatever its figures say, for a `reason` that is kept."""

    force = BooleanField(default=False)
    reason = CharField(required=False, allow_blank=True, default="", max_length=2000)


class DifferenceSerializer(serializers.Serializer[Any]):
    """One measure at one level, null where it was not taken; `value`: how much higher the second is."""

    level = serializers.CharField()
    measure = serializers.CharField()
    first = FigureSerializer(source="present", allow_null=True)
    second = FigureSerializer(source="candidate", allow_null=True)
    value = serializers.FloatField(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    """Two models' figures; `code` and `message`: why the second may not take over, empty where it may."""

    differences = DifferenceSerializer(many=True)
    code = serializers.CharField(source="refusal", allow_blank=True)
    message = serializers.SerializerMethodField()

    def get_message(self, comparison: Any) -> str:
        worse = ", ".join(f"{each.level} {each.measure}" for each in comparison.worse)
        sentence = messages.sentence(comparison.refusal)
        return sentence % {"shortfalls": worse} if "%(" in sentence else sentence


class SampleSerializer(serializers.Serializer[Any]):
    """A sample picture that the model has restored, and how well; addresses of pictures for showing."""

    title = serializers.CharField()
    level = serializers.CharField(source="sample.level")
    measures = serializers.DictField(source="result.measures", child=serializers.FloatField())
    clean_url = serializers.SerializerMethodField()
    degraded_url = serializers.SerializerMethodField()
    restored_url = serializers.SerializerMethodField()

    def get_clean_url(self, own: Any) -> str:
        return self._address("model-sample", own.sample.pk, "clean")

    def get_degraded_url(self, own: Any) -> str:
        return self._address("model-sample", own.sample.pk, "degraded")

    def get_restored_url(self, own: Any) -> str:
        return self._address("model-sample-result", own.result.pk)

    def _address(self, name: str, *args: Any) -> str:
        return str(full_address(f"api:{name}", args=args, request=self.context["request"]))


class SamplesSerializer(serializers.Serializer[Any]):
    """How far the model is with the sample pictures; `status` is null where nobody has asked for them."""

    status = serializers.ChoiceField(choices=SampleRun.Status.choices, allow_null=True)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
    samples = SampleSerializer(many=True)


class _OneModel(generics.GenericAPIView[ModelVersion]):
    queryset = ModelVersion.objects.none()

    def get_queryset(self) -> ModelVersionQuerySet:
        return ModelVersion.objects.visible_to(self.request.user)


class ModelPromotionView(_OneModel):
    """The default model."""

    scopes = {"POST": Scope.ADMIN}
    serializer_class = PromotionRequestSerializer

    @extend_schema(
        operation_id="models_promote", responses={200: ModelDetailSerializer, 409: ApiErrorSerializer}
    )
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Make it the default, for staff. 409 where it is worse than the present one at any level."""
        model, actor = self.get_object(), signed_in(request)
        if not is_operator(actor):
            raise PermissionDenied
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        promote_model(model_version=model, promoted_by=actor, **asked.validated_data)
        shown = self.get_queryset().with_promotions().get(pk=model.pk)
        return Response(ModelDetailSerializer(shown, context=self.get_serializer_context()).data)


class ModelComparison(_OneModel):
    """Two models measured on the same pictures."""

    serializer_class = ComparisonSerializer

    @extend_schema(
        operation_id="models_compare",
        parameters=[OpenApiParameter("other_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    def get(self, request: Request, pk: UUID, other_id: UUID) -> Response:
        """The first beside the `other`, level by level and measure by measure."""
        first = self.get_object()
        second = get_object_or_404(self.get_queryset(), pk=other_id)
        return Response(self.get_serializer(compare(second.benchmark, first.benchmark)).data)


class ModelSamples(_OneModel):
    """The sample pictures by one model."""

    scopes = {"GET": Scope.READ, "POST": Scope.RESTORE}
    serializer_class = SamplesSerializer

    @extend_schema(operation_id="models_samples")
    def get(self, request: Request, pk: UUID) -> Response:
        """Those that it has restored so far."""
        return Response(self._shown(self.get_object()))

    @extend_schema(operation_id="models_samples_request", request=None, responses={202: SamplesSerializer})
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Have a worker restore them, once; a run that failed is tried afresh."""
        model = self.get_object()
        request_samples(model_version=model)
        return accepted(self._shown(model), address=reverse("api:model-samples", args=[model.pk]))

    def _shown(self, model: ModelVersion) -> dict[str, Any]:
        run = SampleRun.objects.filter(model_version=model).first()
        found = {
            "status": run.status if run else None,
            "code": run.error_code if run else "",
            "message": run.failure_sentence if run else "",
            "samples": own_samples(model),
        }
        return dict(self.get_serializer(found).data)


class ModelSample(generics.GenericAPIView[SamplePicture]):
    """A sample picture for showing, before or after the damage."""

    content_negotiation_class = TakeAnyAccept
    queryset = SamplePicture.objects.all()

    @extend_schema(
        operation_id="models_sample",
        parameters=[OpenApiParameter("which", enum=SAMPLE_STATES, location=OpenApiParameter.PATH)],
        responses=RENDITION_RESPONSES,
    )
    def get(self, request: Request, pk: UUID, which: str) -> HttpResponseBase:
        kind = Rendition.Kind.WEB if which in SAMPLE_STATES else ""
        return shown_rendition(request, sample_sha256(self.get_object(), which), kind)


class ModelSampleResult(generics.GenericAPIView[SampleResult]):
    """What a model made of a sample picture, for showing."""

    content_negotiation_class = TakeAnyAccept
    queryset = SampleResult.objects.all()

    @extend_schema(operation_id="models_sample_result", responses=RENDITION_RESPONSES)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return shown_rendition(request, self.get_object().result_sha256, Rendition.Kind.WEB)
