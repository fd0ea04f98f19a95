"""Collections as their list shows them."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Prefetch, Subquery

from archive.models import Photo
from archive.querysets import CollectionQuerySet


def with_overview(collections: CollectionQuerySet) -> CollectionQuerySet:
    """Each collection with `photo_count` and `covers`, a list of its newest photo or nothing. Two queries."""
    newest = (
        Photo.objects.filter(collection=OuterRef("collection")).order_by("-created_at", "id").values("pk")
    )
    covers = Photo.objects.filter(pk=Subquery(newest[:1])).select_related("original")
    return collections.annotate(photo_count=Count("photos")).prefetch_related(
        Prefetch("photos", queryset=covers, to_attr="covers")
    )
