"""Training runs over REST, to read, for those who administer the platform."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.access.scopes import Scope
from archive.access.visitors import limits_of
from archive.api.callers import signed_in
from restoration.registry.training_runs import RunStatus, training_run, training_runs


class BestSerializer(serializers.Serializer[Any]):
    """The epoch with the highest mean PSNR (dB) on the run's validation pictures."""

    epoch = serializers.IntegerField()
    psnr = serializers.FloatField()
    ssim = serializers.FloatField(allow_null=True)


class TrainingRunSerializer(serializers.Serializer[Any]):
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


class _ForOperators(APIView):
    scopes = {"GET": Scope.READ}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        operator = signed_in(request)
        # A token for some collections is not for the whole platform, whoever's it is.
        if not operator.is_staff or limits_of(operator) is not None:
            raise PermissionDenied


class TrainingRunList(_ForOperators):
    """Training runs, the newest first."""

    @extend_schema(operation_id="training_runs_list", responses=TrainingRunSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every run whose folder the platform is told of."""
        return Response(TrainingRunSerializer(training_runs(), many=True).data)


class TrainingRunDetail(_ForOperators):
    """One training run."""

    @extend_schema(operation_id="training_runs_retrieve", responses=TrainingRunDetailSerializer)
    def get(self, request: Request, name: str) -> Response:
        """The run with the losses and validation of every epoch."""
        run = training_run(name)
        if run is None:
            raise Http404
        return Response(TrainingRunDetailSerializer(run).data)
