"""Collections as their list shows them."""

from __future__ import annotations

from django.db.models import Case, Count, IntegerField, OuterRef, Prefetch, Subquery, When
from django.db.models.functions import Coalesce

from archive.access.roles import Role
from archive.access.visitors import Visitor
from archive.models import CatalogueEntry, Membership, Photo
from archive.querysets.visible import CollectionQuerySet

# Asked of the catalogue, which has an index for each of the two: a collection may hold very many photos.
_ENTRIES = CatalogueEntry.objects.filter(collection=OuterRef("pk"))
_NUMBER = _ENTRIES.order_by().values("collection").annotate(number=Count("pk")).values("number")
_PHOTO_COUNT = Coalesce(Subquery(_NUMBER), 0, output_field=IntegerField())
_COVER = Subquery(_ENTRIES.order_by("-added_at", "-id").values("photo")[:1])


def with_overview(collections: CollectionQuerySet) -> CollectionQuerySet:
    """Each collection with `photo_count` and `covers`, its newest photo or nothing; newest first."""
    newest = collections.order_by().annotate(cover=_COVER).values("cover")
    covers = Photo.objects.filter(pk__in=newest).select_related("original").defer("original__embedded")
    counted = collections.annotate(photo_count=_PHOTO_COUNT).order_by("-created_at", "id")
    return counted.prefetch_related(Prefetch("photos", queryset=covers, to_attr="covers"))


def with_role_and_count(collections: CollectionQuerySet, user: Visitor) -> CollectionQuerySet:
    """Each collection with `role`, what `user` may do in it, and `photo_count`; newest first.

    Of several roles, held here and further up in the tree, it is the greatest.
    """
    held = Membership.objects.filter(collection__below__descendant=OuterRef("pk"), user=user.pk)
    rank = Case(*[When(role=role, then=role.rank) for role in Role])
    greatest = held.order_by(rank).values("role")[:1]
    counted = collections.annotate(role=Subquery(greatest), photo_count=_PHOTO_COUNT)
    return counted.select_related("owner").order_by("-created_at", "id")
