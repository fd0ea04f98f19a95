"""How members, invitations, share links and tokens look over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework import serializers

from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.models import ApiToken, Collection, Invitation, Membership, ShareLink


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """A role that somebody holds in this collection itself, and so in everything below it."""

    user = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "user", "role"]


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An invitation that is open. `url` holds the key and stands in the answer to its creation only."""

    url = serializers.CharField(read_only=True, required=False)

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "created_at", "expires_at", "url"]
        read_only_fields = ["expires_at"]


class ShareLinkSerializer(serializers.ModelSerializer[ShareLink]):
    """A link that is open, for 30 days unless told otherwise. `url` holds the key and stands in the answer to
    its creation only.
    """

    url = serializers.CharField(read_only=True, required=False)
    expires_at = serializers.DateTimeField(required=False)

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
            "url",
        ]
        read_only_fields = ["visit_count", "last_visit_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"expires_at": timezone.now() + timedelta(days=30)} | attrs


class PublicationSerializer(serializers.ModelSerializer[Collection]):
    """Whether everybody may look, and have the files."""

    is_public = serializers.BooleanField()
    public_downloads = serializers.BooleanField(default=False)

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

    key = serializers.CharField()


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token of your own. `collections` is null where it is good for all that you may see; `token` stands in
    the answer to its creation only.
    """

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False)
    collections = serializers.PrimaryKeyRelatedField[Collection](
        queryset=Collection.objects.all(), many=True, required=False, allow_null=True
    )
    token = serializers.CharField(read_only=True, required=False)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "scopes", "collections", "created_at", "expires_at", "last_used_at", "token"]

    def to_representation(self, instance: ApiToken) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return shown if instance.is_limited else shown | {"collections": None}
