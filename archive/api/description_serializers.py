"""How descriptions look over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext
from rest_framework import serializers

from archive.api import strict
from archive.api.sparse import SparseFields
from archive.description.fields import PHOTO_FIELDS
from archive.description.metadata_table import KEYS
from archive.models import Collection, Level, MetadataImport, MetadataRow, Photo


class KnownFieldsOnly(serializers.Serializer[Any]):
    """Refuses a field that it does not know: a slip of the pen is not to pass for a change that was made."""

    def to_internal_value(self, data: Any) -> Any:
        if unknown := sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []:
            raise serializers.ValidationError(
                {name: [gettext("There is no such field.")] for name in unknown}
            )
        return super().to_internal_value(data)


class TagList(serializers.ListField):
    """Tags by their names."""

    child = strict.CharField(max_length=100)


class DescriptionSerializer(KnownFieldsOnly, strict.ModelSerializer):
    """What is said about a photo; what is left out stays as it is, "" clears a field.

    `date_edtf`: EDTF, levels 0 and 1. `tags`: all that the photo shall have.
    """

    tags = TagList(required=False)

    class Meta:
        model = Photo
        fields = [*PHOTO_FIELDS, "tags"]
        extra_kwargs = {name: {"required": False, "allow_blank": True} for name in PHOTO_FIELDS}


class BulkDescriptionSerializer(KnownFieldsOnly):
    """The same said about several photos. `fields` as for one; tags are added and taken away."""

    photos = serializers.ListField(child=strict.UUIDField(), allow_empty=False, max_length=10_000)
    description = DescriptionSerializer(required=False)
    add_tags = TagList(required=False, default=list)
    remove_tags = TagList(required=False, default=list)


class EmbeddedSerializer(serializers.Serializer[Any]):
    """What the file says about itself: names and values of each block."""

    exif = serializers.DictField()
    iptc = serializers.DictField()
    xmp = serializers.DictField()


class TableSerializer(KnownFieldsOnly):
    """A CSV file with descriptions. `dry_run` tells what it would change, and changes nothing."""

    file = serializers.FileField(allow_empty_file=True, write_only=True)
    key = serializers.ChoiceField(
        choices=KEYS, required=False, default="", help_text="The column by which photos are found."
    )
    clear_empty = strict.BooleanField(default=False, help_text="Whether an empty cell clears its field.")
    dry_run = strict.BooleanField(default=True)


class MetadataRowSerializer(SparseFields, serializers.ModelSerializer[MetadataRow]):
    """One row of the table: `line` in the file, what it looked for, which photo it is about."""

    class Meta:
        model = MetadataRow
        fields = ["line", "key", "photo", "outcome", "changes", "code", "message"]
        read_only_fields = fields


class MetadataImportSerializer(SparseFields, serializers.ModelSerializer[MetadataImport]):
    """A table of descriptions. `position` of `total` rows are done in the present going: while `planning`
    nothing is changed, while `running` it is. `key`: the column that photos are found by; `ignored`: columns
    that mean nothing here. The three counts are of the whole table, from the end of the planning on.
    """

    uploaded_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    dry_run = serializers.SerializerMethodField()
    changed = serializers.IntegerField(source="rows_changed", read_only=True)
    unchanged = serializers.IntegerField(source="rows_unchanged", read_only=True)
    refused = serializers.IntegerField(source="rows_refused", read_only=True)
    code = serializers.CharField(source="error_code", read_only=True)
    message = serializers.CharField(source="error_message", read_only=True)

    class Meta:
        model = MetadataImport
        fields = [
            "id",
            "collection",
            "filename",
            "uploaded_by",
            "state",
            "dry_run",
            "key",
            "ignored",
            "total",
            "position",
            "changed",
            "unchanged",
            "refused",
            "code",
            "message",
            "created_at",
            "applied_at",
        ]
        read_only_fields = fields

    def get_dry_run(self, kept: MetadataImport) -> bool:
        """Whether nobody has said so far that it shall be applied."""
        return not kept.at_once and kept.applied_by_id is None


class MoveSerializer(KnownFieldsOnly):
    """Where a collection shall stand: in `parent`, or at the top (null). Without `level` it keeps its own."""

    level = serializers.ChoiceField(choices=Level.choices, required=False)

    def get_fields(self) -> dict[str, Any]:
        request = self.context.get("request")
        offered = Collection.objects.curated_by(request.user) if request else Collection.objects.none()
        parent = strict.PrimaryKeyRelatedField(queryset=offered, allow_null=True)
        return {"parent": parent, **super().get_fields()}
