"""Descriptions out of tables."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.description.metadata_plan import MetadataPlan, plan_metadata
from archive.description.metadata_table import decode_table, read_table
from archive.files.filenames import clean_filename
from archive.messages import state_error
from archive.models import Collection, MetadataImport, Photo
from archive.services.description import describe_photos

_KEPT = timedelta(days=7)


@transaction.atomic
def receive_metadata(
    *,
    collection: Collection,
    uploaded_by: User,
    content: bytes,
    filename: str,
    key: str = "",
    clear_empty: bool = False,
) -> MetadataImport:
    """Keep a table until somebody has looked at what it would change; those left lying for a week go.

    Raises InputError archive:csv:* where nothing of the table can be used.
    """
    MetadataImport.objects.filter(applied_at=None, created_at__lt=timezone.now() - _KEPT).delete()
    kept = MetadataImport(
        collection=collection,
        uploaded_by=uploaded_by,
        text=decode_table(content),
        filename=clean_filename(filename),
        key=key,
        clear_empty=clear_empty,
    )
    plan_import(metadata_import=kept, actor=uploaded_by)
    kept.save()
    return kept


def plan_import(*, metadata_import: MetadataImport, actor: User) -> MetadataPlan:
    """What the table would change now, of the photos in and below its collection that `actor` may describe.

    Raises InputError archive:csv:*.
    """
    return plan_metadata(
        read_table(metadata_import.text),
        photos=Photo.objects.curated_by(actor).within(metadata_import.collection),
        key=metadata_import.key or None,
        clear_empty=metadata_import.clear_empty,
    )


@transaction.atomic
def apply_metadata(*, metadata_import: MetadataImport, actor: User) -> MetadataPlan:
    """Describe the photos as the table says, except for the rows that do not fit; returns what was done.

    Raises StateError archive:csv:applied the second time.
    """
    kept = MetadataImport.objects.select_for_update().get(pk=metadata_import.pk)
    if kept.applied_at is not None:
        raise state_error("archive:csv:applied")
    plan = plan_import(metadata_import=kept, actor=actor)
    describe_photos(descriptions=plan.descriptions, actor=actor)
    kept.applied_at = timezone.now()
    kept.rows_changed = plan.count("changed")
    kept.rows_unchanged = plan.count("unchanged")
    kept.rows_refused = plan.count("refused")
    kept.text = ""
    kept.save()
    metadata_import.refresh_from_db()
    return plan
