"""How reviewing looks over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from restoration.api.serializers import RestorationSerializer
from restoration.models import Restoration, Review
from restoration.reviewing.figures import NO_REASON, ModelFigures
from restoration.reviewing.forms import MOST_AT_ONCE
from restoration.reviewing.reasons import Reason
from restoration.reviewing.rules import Rule
from restoration.services import DecisionResult


class ReservedSerializer(serializers.Serializer[Any]):
    """A restoration that nobody else gets until `reserved_until`; `place` is for `after`."""

    restoration = RestorationSerializer()
    place = serializers.CharField()
    reserved_until = serializers.DateTimeField()


class DecisionSerializer(serializers.Serializer[Any]):
    """One decision. `reason`: of a rejection only."""

    restoration = serializers.UUIDField()
    decision = serializers.ChoiceField(choices=Review.Decision.choices)
    reason = serializers.ChoiceField(choices=Reason.choices, required=False, allow_blank=True, default="")
    comment = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class DecisionsSerializer(serializers.Serializer[Any]):
    """Any decisions, each about a restoration in `expected_state`; null decides whatever it is by now."""

    decisions = serializers.ListField(child=DecisionSerializer(), allow_empty=False, max_length=MOST_AT_ONCE)
    expected_state = serializers.ChoiceField(
        choices=Restoration.ReviewState.choices,
        allow_null=True,
        default=Restoration.ReviewState.UNREVIEWED.value,
    )


class UndoSerializer(serializers.Serializer[Any]):
    """Restorations about which one's own newest decision is to be taken back."""

    restorations = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MOST_AT_ONCE
    )


class RefusalSerializer(serializers.Serializer[Any]):
    """Why not: a code for programs, a sentence for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class DecisionResultSerializer(serializers.Serializer[DecisionResult]):
    """What became of one: the review and the state that follows, or the error that refused it."""

    restoration = serializers.UUIDField()
    review = serializers.UUIDField(source="review.pk", default=None, allow_null=True)
    review_state = serializers.CharField(source="state")
    waits_for_second = serializers.BooleanField()
    error = serializers.SerializerMethodField()

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_error(self, result: DecisionResult) -> dict[str, str] | None:
        if result.error is None:
            return None
        return {"code": result.error.code, "message": result.error.message}


class DecisionResultsSerializer(serializers.Serializer[Any]):
    """Results in the order of what was asked."""

    results = DecisionResultSerializer(many=True)


class DeskSerializer(serializers.Serializer[Any]):
    """Photos on one's desk."""

    photos = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=MOST_AT_ONCE)


class ReasonSerializer(serializers.Serializer[Any]):
    """A reason for rejections."""

    code = serializers.CharField()
    message = serializers.CharField()


class ModelFiguresSerializer(serializers.Serializer[ModelFigures]):
    """One model's restorations in a collection and below it. `reasons`: by code; "" without a reason."""

    model = serializers.CharField()
    waiting = serializers.IntegerField()
    approved = serializers.IntegerField()
    rejected = serializers.IntegerField()
    share_rejected = serializers.FloatField(allow_null=True)
    reasons = serializers.SerializerMethodField()

    def get_reasons(self, figures: ModelFigures) -> dict[str, int]:
        return dict(zip([*Reason.values, NO_REASON], figures.in_order, strict=True))


class ReviewRuleSerializer(serializers.Serializer[Any]):
    """`rule`: what the collection itself asks for. `in_force`: with what stands further up."""

    rule = serializers.ChoiceField(choices=Rule.choices)
    in_force = serializers.ListField(child=serializers.ChoiceField(choices=Rule.choices), read_only=True)
