"""How webhooks and their log look over REST."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from archive.api import strict
from archive.api.sparse import SparseFields
from archive.models import Collection, Webhook, WebhookAttempt, WebhookDelivery
from archive.webhooks.addresses import MOST_CHARACTERS
from archive.webhooks.kinds import hook_kinds, kind_sentence

_KIND_NAMES = [(name, name) for name in hook_kinds()]


class HookKindSerializer(serializers.Serializer[Any]):
    """Something that a webhook can be told. `title` is in your language."""

    name = serializers.CharField()
    title = serializers.CharField()
    fields_of_data = serializers.ListField(
        child=serializers.CharField(), help_text="What `data` says besides where, when and by whom."
    )

    @staticmethod
    def all() -> list[dict[str, Any]]:
        """One of each."""
        return [
            {
                "name": name,
                "title": kind_sentence(name),
                "fields_of_data": sorted(
                    {*kind.fields, *(key for each in kind.events.values() for key in each)}
                ),
            }
            for name, kind in hook_kinds().items()
        ]


class WebhookSerializer(SparseFields, strict.ModelSerializer):
    """An address that is told when something happens. `collection`: where, with everything below it; `null`
    for all collections that you own.
    """

    owner = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    collection = strict.PrimaryKeyRelatedField(
        queryset=Collection.objects.all(), allow_null=True, default=None
    )
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=_KIND_NAMES), allow_empty=False)
    url = strict.CharField(
        max_length=MOST_CHARACTERS, help_text="https, on the public internet, at port 443 or above 1023."
    )
    paused = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=Webhook.State.choices, read_only=True)
    disabled_because = serializers.ChoiceField(
        choices=Webhook.Reason.choices, allow_blank=True, read_only=True, help_text="Empty while it is not."
    )

    class Meta:
        model = Webhook
        fields = [
            "id",
            "collection",
            "owner",
            "name",
            "url",
            "kinds",
            "paused",
            "state",
            "disabled_because",
            "failing_since",
            "created_at",
        ]
        read_only_fields = ["failing_since"]

    def get_paused(self, webhook: Webhook) -> bool:
        return webhook.paused_at is not None


class NewWebhookSerializer(WebhookSerializer):
    """A webhook that was made just now: only this once its secret is told."""

    secret = serializers.CharField(
        read_only=True, help_text="What signatures are made with: `whsec_` and Base64."
    )

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookChangeSerializer(serializers.Serializer[Any]):
    """What may be changed. `paused`: `false` also resumes one that was switched off."""

    name = strict.CharField(max_length=100, allow_blank=True, required=False)
    url = strict.CharField(max_length=MOST_CHARACTERS, required=False)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=_KIND_NAMES), allow_empty=False, required=False
    )
    paused = strict.BooleanField(required=False)


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """A new secret, told this once. For a day everything is signed with the old one besides."""

    secret = serializers.CharField()


class WebhookAttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One attempt. `status`: of the HTTP answer; `null` where none came, and `error_code` says why. Both are
    empty while it is under way, and stay so where the worker was lost. `answer`: its first 1,000 bytes.
    """

    class Meta:
        model = WebhookAttempt
        fields = ["number", "started_at", "duration_ms", "status", "error_code", "answer"]


class WebhookDeliverySerializer(SparseFields, serializers.ModelSerializer[WebhookDelivery]):
    """Something that was to be told, or still is. `message_id` is what its receiver knows it by."""

    message_id = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "message_id",
            "webhook",
            "kind",
            "state",
            "attempts",
            "created_at",
            "next_attempt_at",
            "finished_at",
        ]
        read_only_fields = fields


class WebhookDeliveryDetailSerializer(WebhookDeliverySerializer):
    """With what is sent, and every attempt, newest first."""

    body = serializers.SerializerMethodField()
    log = WebhookAttemptSerializer(many=True, read_only=True)

    class Meta(WebhookDeliverySerializer.Meta):
        fields = [*WebhookDeliverySerializer.Meta.fields, "body", "log"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_body(self, delivery: WebhookDelivery) -> Any:
        return json.loads(delivery.body)
