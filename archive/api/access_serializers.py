"""How members, invitations, share links and tokens look over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.api import strict
from archive.api.sparse import SparseFields
from archive.models import ApiToken, Collection, Invitation, Membership, ShareLink


class MembershipSerializer(SparseFields, serializers.ModelSerializer[Membership]):
    """A role that somebody holds in this collection itself, and so in everything below it."""

    user = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "user", "role"]


class InvitationSerializer(SparseFields, strict.ModelSerializer):
    """An invitation that is open."""

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "created_at", "expires_at"]
        read_only_fields = ["expires_at"]


class NewInvitationSerializer(InvitationSerializer):
    """An invitation that was made just now: only this once `url`, which holds its key, is told."""

    url = serializers.CharField(read_only=True)

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "url"]


class ShareLinkSerializer(SparseFields, strict.ModelSerializer):
    """A link that is open, for 30 days unless told otherwise."""

    expires_at = strict.DateTimeField(required=False)

    class Meta:
        model = ShareLink
        fields = [
            "id",
            "label",
            "with_downloads",
            "created_at",
            "expires_at",
            "visit_count",
            "last_visit_at",
        ]
        read_only_fields = ["visit_count", "last_visit_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"expires_at": timezone.now() + timedelta(days=30)} | attrs


class NewShareLinkSerializer(ShareLinkSerializer):
    """A link that was made just now: only this once `url`, which holds its key, is told."""

    url = serializers.CharField(read_only=True)

    class Meta(ShareLinkSerializer.Meta):
        fields = [*ShareLinkSerializer.Meta.fields, "url"]


class PublicationSerializer(serializers.ModelSerializer[Collection]):
    """Whether everybody may look, and have the files."""

    is_public = strict.BooleanField()
    public_downloads = strict.BooleanField(default=False)

    class Meta:
        model = Collection
        fields = ["is_public", "public_downloads"]


class OwnerSerializer(serializers.Serializer[Any]):
    """The member who is to be responsible, by user name."""

    username = serializers.SlugRelatedField[User](
        slug_field="username", queryset=User.objects.filter(is_active=True)
    )


class RoleSerializer(serializers.Serializer[Any]):
    """Another role for a member."""

    role = serializers.ChoiceField(choices=Role.choices)


class InvitationKeySerializer(serializers.Serializer[Any]):
    """The last part of an invitation's address."""

    key = strict.CharField(max_length=200)


@extend_schema_field({"type": ["array", "null"], "items": {"type": "string", "format": "uuid"}})
class _LimitField(serializers.ManyRelatedField):
    """Collections, or null."""


class ApiTokenSerializer(SparseFields, strict.ModelSerializer):
    """A token of your own. `collections` is null where it is good for all that you may see."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False)
    collections = _LimitField(
        child_relation=strict.PrimaryKeyRelatedField(queryset=Collection.objects.all()),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = ApiToken
        fields = ["id", "name", "scopes", "collections", "created_at", "expires_at", "last_used_at"]

    def to_representation(self, instance: ApiToken) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return shown if instance.is_limited else shown | {"collections": None}


class NewApiTokenSerializer(ApiTokenSerializer):
    """A token that was made just now: only this once `token`, the key itself, is told."""

    token = serializers.CharField(read_only=True)

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "token"]
