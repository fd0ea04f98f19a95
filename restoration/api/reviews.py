"""The review room over REST: the next picture, decisions, taking them back, reasons, the rule."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.finding import check_understood, finding_parameters
from archive.api.idempotency import once_per_key
from archive.api.preconditions import HasETag, if_unchanged
from archive.finding.pages import AFTER
from archive.models import Collection
from restoration.api.review_serializers import (
    DecisionResultsSerializer,
    DecisionsSerializer,
    DeskSerializer,
    ModelFiguresSerializer,
    ReasonSerializer,
    ReservedSerializer,
    ReviewRuleSerializer,
    UndoSerializer,
)
from restoration.models import ReviewRule
from restoration.reviewing.figures import review_figures
from restoration.reviewing.queue import queue_of
from restoration.reviewing.reasons import Reason
from restoration.reviewing.rules import Rule, rules_over
from restoration.services import (
    RESERVED_FOR,
    Decision,
    decide_restorations,
    release_reservations,
    renew_reservations,
    reserve_next,
    set_review_rule,
    undo_reviews,
)

# In the queue everything awaits a decision, wherever it lies.
_FINDING_PARAMETERS = [
    each for each in finding_parameters(within_one=False) if each.name not in {"state", "below"}
]
_OWN_PARAMETERS = [
    OpenApiParameter("part", OpenApiTypes.UUID, description="A collection, with what lies below it."),
    OpenApiParameter("model", OpenApiTypes.UUID, description="Made by this model."),
    OpenApiParameter("invention_from", OpenApiTypes.NUMBER, description="Grey levels of 255."),
    OpenApiParameter(AFTER, OpenApiTypes.STR, description="As `place` had it: what comes after it."),
]


class ReviewNext(generics.GenericAPIView[Any]):
    """The queue: what awaits the caller's decision and lies on nobody else's desk."""

    scopes = {"POST": Scope.REVIEW}
    serializer_class = ReservedSerializer

    @extend_schema(
        operation_id="review_next",
        request=None,
        parameters=[*_FINDING_PARAMETERS, *_OWN_PARAMETERS],
        responses={200: ReservedSerializer, 204: None, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Reserve the next restoration for the caller. 204 at the end of the queue."""
        queue = queue_of(signed_in(request), request.query_params)
        check_understood(request, queue.form, queue.queue_form)
        reserved = reserve_next(queue=queue, after=request.query_params.get(AFTER, ""))
        if reserved is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        body = {
            "restoration": reserved.restoration,
            "place": reserved.place,
            "reserved_until": timezone.now() + RESERVED_FOR,
        }
        return Response(self.get_serializer(body).data)


class ReviewDecisions(generics.GenericAPIView[Any]):
    """Decisions about many restorations at once."""

    scopes = {"POST": Scope.REVIEW}
    serializer_class = DecisionsSerializer

    @extend_schema(
        operation_id="review_decide",
        responses={200: DecisionResultsSerializer, 400: ApiErrorSerializer, 409: DecisionResultsSerializer},
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Decide about each; a refused one stops no other. 409 where none could be decided about."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        results = decide_restorations(
            decisions=[Decision(**each) for each in asked.validated_data["decisions"]],
            reviewer=signed_in(request),
            expected_state=asked.validated_data["expected_state"],
        )
        return _answer(results)


class ReviewUndo(generics.GenericAPIView[Any]):
    """Taking back one's own decisions."""

    scopes = {"POST": Scope.REVIEW}
    serializer_class = UndoSerializer

    @extend_schema(
        operation_id="review_undo",
        responses={200: DecisionResultsSerializer, 400: ApiErrorSerializer, 409: DecisionResultsSerializer},
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Each restoration then awaits a decision again. 409 where nothing could be undone."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _answer(undo_reviews(actor=signed_in(request), **asked.validated_data))


class ReviewReservations(generics.GenericAPIView[Any]):
    """The caller's desk."""

    scopes = {"PUT": Scope.REVIEW, "DELETE": Scope.REVIEW}
    serializer_class = DeskSerializer

    @extend_schema(operation_id="review_reservations_renew")
    def put(self, request: Request) -> Response:
        """Hold these photos a while longer; answers those that still are the caller's."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        held = renew_reservations(reviewer=signed_in(request), **asked.validated_data)
        return Response({"photos": held})

    @extend_schema(operation_id="review_reservations_release", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Clear the desk."""
        release_reservations(reviewer=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReviewReasons(generics.ListAPIView[Any]):
    """Why restorations are rejected."""

    scopes = {"GET": Scope.READ}
    serializer_class = ReasonSerializer

    def get_queryset(self) -> Any:
        return [{"code": reason.value, "message": str(reason.label)} for reason in Reason]

    @extend_schema(operation_id="review_reasons")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All reasons, in the order of their keys in the review room."""
        return self.list(request, *args, **kwargs)


class CollectionReviewFigures(generics.ListAPIView[Any]):
    """What was decided in a collection and below it."""

    scopes = {"GET": Scope.READ}
    serializer_class = ModelFiguresSerializer

    def get_queryset(self) -> Any:
        collection = _visible(self.request, self.kwargs["collection_id"])
        if not Collection.objects.reviewable_by(self.request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        return review_figures(self.request.user, collection)

    @extend_schema(operation_id="collections_review_figures")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By model, with the reasons for rejection; for those who may decide there."""
        return self.list(request, *args, **kwargs)


class CollectionReviewRule(HasETag, generics.GenericAPIView[Any]):
    """The rule of four eyes."""

    scopes = {"GET": Scope.READ, "PUT": Scope.ADMIN}
    serializer_class = ReviewRuleSerializer
    described = ("rule",)

    def locked_rows(self, request: Request, **kwargs: Any) -> QuerySet[Any]:
        return Collection.objects.filter(pk=kwargs["collection_id"])

    @extend_schema(operation_id="collections_review_rule")
    def get(self, request: Request, collection_id: UUID) -> Response:
        """What approvals in the collection need."""
        return self._rule(_visible(request, collection_id))

    @extend_schema(operation_id="collections_review_rule_set")
    @if_unchanged
    def put(self, request: Request, collection_id: UUID) -> Response:
        """Ask for a rule in the collection and everything below it; for owners."""
        collection = _visible(request, collection_id)
        if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        set_review_rule(collection=collection, actor=signed_in(request), **asked.validated_data)
        return self._rule(collection)

    def _rule(self, collection: Collection) -> Response:
        own = ReviewRule.objects.filter(collection=collection).first()
        in_force = sorted(rules_over([collection.pk])[collection.pk])
        return Response(
            self.get_serializer({"rule": own.rule if own else Rule.NONE, "in_force": in_force}).data
        )


def _visible(request: Request, collection_id: UUID) -> Collection:
    return get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)


def _answer(results: list[Any]) -> Response:
    done = any(each.review for each in results)
    body = DecisionResultsSerializer({"results": results}).data
    return Response(body, status=status.HTTP_200_OK if done else status.HTTP_409_CONFLICT)
