"""How events, fixity and the bin look over REST."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from archive.api import strict
from archive.api.sparse import SparseFields
from archive.events.records import event_record
from archive.models import Event, FixityFinding, FixityRun


class EventSerializer(SparseFields, serializers.Serializer[Event]):
    """An event as the chain covers it: `archive.events.chain.verify_record` accepts what comes out."""

    id = serializers.UUIDField()
    at = serializers.CharField(help_text="UTC, with microseconds; text, since the digest covers it.")
    kind = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Event.Outcome.choices)
    collection = serializers.UUIDField(allow_null=True)
    photo = serializers.UUIDField(allow_null=True)
    actor = serializers.CharField(allow_null=True, help_text="Key of the person.")
    agent = serializers.CharField(help_text="Name of the person at that time; empty for nobody.")
    software = serializers.CharField()
    details = serializers.JSONField()
    origin = serializers.JSONField(allow_null=True, help_text="What another archive recorded.")
    digest = serializers.CharField(help_text="SHA-256 of the content as canonical JSON.")
    sequence = serializers.IntegerField(allow_null=True, help_text="Place in the chain.")
    previous_hash = serializers.CharField(allow_null=True)
    hash = serializers.CharField(allow_null=True)

    def to_representation(self, instance: Event) -> dict[str, Any]:
        record = event_record(instance)
        return {name: record[name] for name in self.fields}


class EventFilterSerializer(serializers.Serializer[Any]):
    """Which events."""

    kind = strict.CharField(required=False, max_length=64)
    outcome = serializers.ChoiceField(choices=Event.Outcome.choices, required=False)
    since = strict.DateTimeField(required=False, help_text="This moment and later.")
    until = strict.DateTimeField(required=False, help_text="Before this moment.")

    def conditions(self) -> dict[str, Any]:
        """What an event must fulfil."""
        names = {"since": "created_at__gte", "until": "created_at__lt"}
        return {names.get(name, name): value for name, value in self.validated_data.items()}


class FixityRunSerializer(SparseFields, serializers.ModelSerializer[FixityRun]):
    """A check of files against their SHA-256; `percent` is how far it has come."""

    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = FixityRun
        fields = [
            "id",
            "scope",
            "requested_by",
            "started_at",
            "finished_at",
            "percent",
            "file_count",
            "byte_count",
            "fault_count",
        ]
        read_only_fields = fields


class FixityFindingSerializer(serializers.ModelSerializer[FixityFinding]):
    """A file that is not as it should be."""

    photos = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)

    class Meta:
        model = FixityFinding
        fields = ["id", "kind", "path", "sha256", "found_sha256", "found_at", "seen_at", "photos"]
        read_only_fields = fields


class StandingSerializer(serializers.Serializer[Any]):
    """How things stand: the last check that read these files, one that runs, and what is wrong by now."""

    last = FixityRunSerializer(allow_null=True)
    running = FixityRunSerializer(allow_null=True)
    finding_count = serializers.IntegerField()
    findings = FixityFindingSerializer(many=True, help_text="The newest 50.")


class HoldSerializer(serializers.Serializer[Any]):
    """Legal hold. `collection` is where it stands: the one that was asked for, or one above it."""

    held = serializers.BooleanField(read_only=True)
    collection = serializers.UUIDField(read_only=True, allow_null=True)
    reason = strict.CharField(max_length=500)


class BinnedPhotoSerializer(SparseFields, serializers.Serializer[Any]):
    """A photo in the bin."""

    id = serializers.UUIDField()
    filename = serializers.CharField()
    title = serializers.CharField()
    collection = serializers.UUIDField(source="collection_id")
    deleted_at = serializers.DateTimeField()
    deleted_by = serializers.CharField(source="deleted_by.username")


class BinnedCollectionSerializer(SparseFields, serializers.Serializer[Any]):
    """A collection in the bin, with everything below it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    deleted_at = serializers.DateTimeField()
    deleted_by = serializers.CharField(source="deleted_by.username")


class BinSerializer(serializers.Serializer[Any]):
    """What the caller may take back."""

    days = serializers.IntegerField(help_text="How long things lie in the bin.")
    collections = serializers.IntegerField(help_text="How many collections lie in it.")
    photos = serializers.IntegerField(help_text="How many photos, without those of such collections.")
