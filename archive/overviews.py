"""Collections as their list shows them."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Prefetch, Subquery

from archive.models import Membership, Photo
from archive.querysets import CollectionQuerySet, Visitor


def with_overview(collections: CollectionQuerySet) -> CollectionQuerySet:
    """Each collection with `photo_count` and `covers`, its newest photo or nothing; newest first."""
    newest = (
        Photo.objects.filter(collection=OuterRef("collection")).order_by("-created_at", "id").values("pk")
    )
    covers = Photo.objects.filter(pk=Subquery(newest[:1])).select_related("original")
    # Counting groups the rows, and grouping drops the model's own order.
    counted = collections.annotate(photo_count=Count("photos")).order_by("-created_at", "id")
    return counted.prefetch_related(Prefetch("photos", queryset=covers, to_attr="covers"))


def with_role_and_count(collections: CollectionQuerySet, user: Visitor) -> CollectionQuerySet:
    """Each collection with `role`, what `user` may do in it, and `photo_count`; newest first."""
    role = Membership.objects.filter(collection=OuterRef("pk"), user=user.pk).values("role")
    counted = collections.annotate(role=Subquery(role), photo_count=Count("photos"))
    return counted.select_related("owner").order_by("-created_at", "id")
