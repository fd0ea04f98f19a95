"""How descriptions look over REST. Serializers check shapes; services write."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from archive.description.fields import PHOTO_FIELDS
from archive.description.metadata_table import KEYS
from archive.models import Collection, Level, Photo


class KnownFieldsOnly(serializers.BaseSerializer[Any]):
    """Refuses a field that it does not know: a slip of the pen is not to pass for a change that was made."""

    def to_internal_value(self, data: Any) -> Any:
        known = self.fields  # type: ignore[attr-defined]
        if unknown := sorted(set(data) - set(known)) if isinstance(data, dict) else []:
            raise serializers.ValidationError(
                {name: [gettext("There is no such field.")] for name in unknown}
            )
        return super().to_internal_value(data)


class TagList(serializers.ListField):
    """Tags by their names."""

    child = serializers.CharField(max_length=100)


class DescriptionSerializer(KnownFieldsOnly, serializers.ModelSerializer[Photo]):
    """What is said about a photo; what is left out stays as it is, "" clears a field.

    `date_edtf`: EDTF, levels 0 and 1. `tags`: all that the photo shall have.
    """

    tags = TagList(required=False)

    class Meta:
        model = Photo
        fields = [*PHOTO_FIELDS, "tags"]
        extra_kwargs = {name: {"required": False, "allow_blank": True} for name in PHOTO_FIELDS}


class BulkDescriptionSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """The same said about several photos. `fields` as for one; tags are added and taken away."""

    photos = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=10_000)
    description = DescriptionSerializer(required=False)
    add_tags = TagList(required=False, default=list)
    remove_tags = TagList(required=False, default=list)


class DescribedItemSerializer(serializers.Serializer[Any]):
    """What came of one photo; `code` and `message` say why it was refused."""

    photo = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["changed", "unchanged", "refused"])
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class BulkResultSerializer(serializers.Serializer[Any]):
    """One item for each photo, in the order in which they were named."""

    items = DescribedItemSerializer(many=True)


class EmbeddedSerializer(serializers.Serializer[Any]):
    """What the file says about itself: names and values of each block."""

    exif = serializers.DictField()
    iptc = serializers.DictField()
    xmp = serializers.DictField()


class TableSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A CSV file with descriptions. `dry_run` tells what it would change, and changes nothing."""

    file = serializers.FileField(allow_empty_file=True, write_only=True)
    key = serializers.ChoiceField(
        choices=KEYS, required=False, default="", help_text="The column by which photos are found."
    )
    clear_empty = serializers.BooleanField(default=False, help_text="Whether an empty cell clears its field.")
    dry_run = serializers.BooleanField(default=True)


class PlannedRowSerializer(serializers.Serializer[Any]):
    """One row of the table: `line` in the file, what it looked for, which photo it is about."""

    line = serializers.IntegerField()
    key = serializers.CharField()
    photo = serializers.UUIDField(source="photo.pk", allow_null=True, default=None)
    outcome = serializers.ChoiceField(choices=["changed", "unchanged", "refused"])
    changes = serializers.DictField()
    code = serializers.CharField(source="refusal.code", default="")
    message = serializers.CharField(source="refusal.message", default="")


class PlanSerializer(serializers.Serializer[Any]):
    """What a table changes, or would. `ignored`: columns that mean nothing here."""

    dry_run = serializers.BooleanField()
    key = serializers.CharField()
    ignored = serializers.ListField(child=serializers.CharField())
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = PlannedRowSerializer(many=True)


class MoveSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """Where a collection shall stand: in `parent`, or at the top (null). Without `level` it keeps its own."""

    level = serializers.ChoiceField(choices=Level.choices, required=False)

    def get_fields(self) -> dict[str, Any]:
        request = self.context.get("request")
        offered = Collection.objects.curated_by(request.user) if request else Collection.objects.none()
        parent = serializers.PrimaryKeyRelatedField(queryset=offered, allow_null=True)
        return {"parent": parent, **super().get_fields()}
