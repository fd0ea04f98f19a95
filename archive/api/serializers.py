"""How collections, photos and originals look over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers
from rest_framework.reverse import reverse

from archive.models import Collection, Membership, Original, Photo
from archive.services import create_collection, update_collection


class CollectionSerializer(serializers.ModelSerializer[Collection]):
    """A collection as one of its members sees it."""

    owner = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    role = serializers.ChoiceField(
        choices=Membership.Role.choices, read_only=True, help_text="What you may do in this collection."
    )
    photo_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Collection
        fields = [
            "id",
            "title",
            "description",
            "auto_restore",
            "owner",
            "role",
            "photo_count",
            "created_at",
        ]

    def create(self, validated_data: dict[str, Any]) -> Collection:
        return create_collection(**validated_data)

    def update(self, instance: Collection, validated_data: dict[str, Any]) -> Collection:
        return update_collection(collection=instance, **validated_data)


class OriginalSerializer(serializers.ModelSerializer[Original]):
    """The file as it came in. Width and height are in pixels, after its EXIF orientation."""

    class Meta:
        model = Original
        fields = ["sha256", "byte_size", "media_type", "width", "height"]
        read_only_fields = fields


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    """A photo; `original_url` is where its original can be downloaded."""

    original = OriginalSerializer(read_only=True)
    original_url = serializers.SerializerMethodField()
    uploaded_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Photo
        fields = [
            "id",
            "collection",
            "filename",
            "title",
            "uploaded_by",
            "created_at",
            "original",
            "original_url",
        ]
        read_only_fields = fields

    def get_original_url(self, photo: Photo) -> str:
        return reverse("api:photo-original", args=[photo.pk], request=self.context["request"])
