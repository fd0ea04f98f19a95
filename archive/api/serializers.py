"""How collections, photos and originals look over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from rest_framework import serializers

from archive.api import strict
from archive.api.addresses import address_of
from archive.api.showing import ShownModelSerializer
from archive.api.sparse import SparseFields
from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.models import Collection, Level, Membership, Original, Photo, Tag
from archive.services import create_collection, update_collection


class CollectionSerializer(SparseFields, strict.ModelSerializer):
    """A collection as one of its members sees it."""

    owner = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    role = serializers.ChoiceField(
        choices=Membership.Role.choices, read_only=True, help_text="What you may do in this collection."
    )
    photo_count = serializers.IntegerField(read_only=True)
    level = serializers.ChoiceField(
        choices=Level.choices, required=False, help_text="A part is always deeper than its whole."
    )

    class Meta:
        model = Collection
        fields = [
            "id",
            "parent",
            "level",
            *COLLECTION_FIELDS,
            "date_earliest",
            "date_latest",
            "auto_restore",
            "owner",
            "role",
            "photo_count",
            "created_at",
        ]
        read_only_fields = ["date_earliest", "date_latest"]

    def get_fields(self) -> dict[str, Any]:
        exists = isinstance(self.instance, Collection)
        request = self.context.get("request")
        offered = Collection.objects.curated_by(request.user) if request else Collection.objects.none()
        fields = super().get_fields()
        fields["parent"] = strict.PrimaryKeyRelatedField(
            queryset=None if exists else offered,
            read_only=exists,
            allow_null=True,
            required=False,
            help_text="What it is a part of; of a collection that exists, changed by moving it.",
        )
        fields["level"].read_only = exists
        return fields

    def create(self, validated_data: dict[str, Any]) -> Collection:
        return create_collection(**validated_data)

    def update(self, instance: Collection, validated_data: dict[str, Any]) -> Collection:
        return update_collection(collection=instance, **validated_data)


class CollectionFilterSerializer(serializers.Serializer[Any]):
    """Which collections."""

    parent = serializers.CharField(  # type: ignore[assignment]  # a field, not what holds it
        required=False, help_text="The id of the one that holds them; `none` for those at the top."
    )
    title = serializers.CharField(required=False, max_length=200, help_text="A part of the title.")

    def validate_parent(self, value: str) -> UUID | None:
        """The id; None for none."""
        return None if value == "none" else strict.UUIDField().to_internal_value(value)

    def conditions(self) -> dict[str, Any]:
        """What a collection must fulfil."""
        names = {"parent": "parent", "title": "title__icontains"}
        return {names[name]: value for name, value in self.validated_data.items()}


class OriginalSerializer(ShownModelSerializer[Original]):
    """The file as it came in. Width and height are in pixels, after its EXIF orientation."""

    class Meta:
        model = Original
        fields = ["sha256", "byte_size", "media_type", "width", "height"]
        read_only_fields = fields


class PhotoSerializer(SparseFields, ShownModelSerializer[Photo]):
    """A photo; `original_url` is where its original can be downloaded.

    `date_edtf` is what was written, in EDTF; `date_earliest` and `date_latest` are the days that it covers,
    null where it is open.
    """

    original = OriginalSerializer(read_only=True)
    original_url = serializers.SerializerMethodField()
    uploaded_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    tags = serializers.SlugRelatedField[Tag](slug_field="name", many=True, read_only=True)

    class Meta:
        model = Photo
        fields = [
            "id",
            "collection",
            "filename",
            "folder",
            *PHOTO_FIELDS,
            "date_earliest",
            "date_latest",
            "tags",
            "uploaded_by",
            "created_at",
            "updated_at",
            "original",
            "original_url",
        ]
        read_only_fields = fields

    def get_original_url(self, photo: Photo) -> str:
        return address_of(self.context, "api:photo-original", photo.pk)
