"""How reviewing looks over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from archive.api import strict
from archive.api.bulk import ItemSerializer, ItemStatus, item
from archive.api.sparse import SparseFields
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

    restoration = strict.UUIDField()
    decision = serializers.ChoiceField(choices=Review.Decision.choices)
    reason = serializers.ChoiceField(choices=Reason.choices, required=False, allow_blank=True, default="")
    comment = strict.CharField(required=False, allow_blank=True, max_length=2000, default="")


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

    restorations = serializers.ListField(child=strict.UUIDField(), allow_empty=False, max_length=MOST_AT_ONCE)


class DecisionResultSerializer(ItemSerializer):
    """What became of one restoration: the review and the state that follows, or why it was refused."""

    review = serializers.UUIDField(allow_null=True)
    review_state = serializers.CharField(allow_blank=True)
    waits_for_second = serializers.BooleanField()

    def to_representation(self, instance: DecisionResult) -> dict[str, Any]:
        status = ItemStatus.REFUSED if instance.error else ItemStatus.DONE
        return item(instance.restoration, status, instance.error) | {
            "review": str(instance.review.pk) if instance.review else None,
            "review_state": instance.state,
            "waits_for_second": instance.waits_for_second,
        }


class DecisionResultsSerializer(serializers.Serializer[Any]):
    """Results in the order of what was asked."""

    results = DecisionResultSerializer(many=True)


class DeskSerializer(serializers.Serializer[Any]):
    """Photos on one's desk."""

    photos = serializers.ListField(child=strict.UUIDField(), allow_empty=False, max_length=MOST_AT_ONCE)


class ReasonSerializer(SparseFields, serializers.Serializer[Any]):
    """A reason for rejections."""

    code = serializers.CharField()
    message = serializers.CharField()


class ModelFiguresSerializer(SparseFields, serializers.Serializer[ModelFigures]):
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
