"""Training runs over REST, to read, for those who administer the platform."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.operators import is_operator
from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.negotiation import TakeAnyAccept
from archive.api.preconditions import HasETag
from archive.api.sparse import SparseFields
from restoration.models import ModelVersion
from restoration.registry.training_runs import RunStatus, contact_sheet, training_run, training_runs


class BestSerializer(serializers.Serializer[Any]):
    """The epoch with the highest mean PSNR (dB) on the run's validation pictures."""

    epoch = serializers.IntegerField()
    psnr = serializers.FloatField()
    ssim = serializers.FloatField(allow_null=True)


class TrainingRunSerializer(SparseFields, serializers.Serializer[Any]):
    """How far a run is. `seconds`: of an epoch, on average."""

    name = serializers.CharField()
    status = serializers.ChoiceField(RunStatus.choices)
    epoch = serializers.IntegerField()
    epochs = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    last_sign_at = serializers.DateTimeField()
    seconds = serializers.FloatField(allow_null=True)
    best = BestSerializer(allow_null=True)


class TrainingRunDetailSerializer(TrainingRunSerializer):
    """A run with what shapes it and all its epochs."""

    options = serializers.DictField()
    log = serializers.ListField(child=serializers.DictField())


class _ForOperators(generics.GenericAPIView[Any]):
    scopes = {"GET": Scope.READ}
    queryset = ModelVersion.objects.none()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A token for some collections is not for the whole platform, whoever's it is.
        if not is_operator(signed_in(request)):
            raise PermissionDenied


class TrainingRunList(_ForOperators, generics.ListAPIView[Any]):
    """Training runs, the newest first."""

    serializer_class = TrainingRunSerializer

    def get_queryset(self) -> Any:
        return training_runs()

    @extend_schema(operation_id="training_runs_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every run whose folder the platform is told of."""
        return self.list(request, *args, **kwargs)


class TrainingRunDetail(HasETag, _ForOperators):
    """One training run."""

    serializer_class = TrainingRunDetailSerializer

    @extend_schema(operation_id="training_runs_retrieve", responses=TrainingRunDetailSerializer)
    def get(self, request: Request, name: str) -> Response:
        """The run with the losses and validation of every epoch."""
        run = training_run(name)
        if run is None:
            raise Http404
        return Response(self.get_serializer(run).data)


class TrainingRunSheet(_ForOperators):
    """What a run restored of its validation pictures."""

    content_negotiation_class = TakeAnyAccept

    @extend_schema(operation_id="training_runs_sheet", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, name: str, epoch: int) -> FileResponse:
        """After an epoch, as PNG."""
        path = contact_sheet(name, epoch)
        if path is None:
            raise Http404
        return FileResponse(path.open("rb"), content_type="image/png")
