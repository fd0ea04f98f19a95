"""Who gets into a collection by something further up in the tree."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from archive.access.roles import Role
from archive.models import Collection, Lineage, Membership


def public_above(collection: Collection) -> Collection | None:
    """The nearest collection further up in the tree that everybody may look at, and so at this one, too."""
    above = Collection.objects.filter(below__descendant=collection, below__distance__gt=0, is_public=True)
    return above.order_by("below__distance").first()


def members_above(collection: Collection) -> QuerySet[Membership]:
    """Roles that are held further up in the tree and count here, too; nearest first."""
    held = Membership.objects.filter(
        collection__below__descendant=collection, collection__below__distance__gt=0
    )
    return held.select_related("user", "collection").order_by("collection__below__distance", "user__username")


def owners_of(collections: Iterable[UUID]) -> dict[UUID, set[int]]:
    """By collection, in the bin or not, the active people who are owners of it, there or further up. One
    query.
    """
    held = Lineage.objects.filter(
        descendant__in=collections,
        ancestor__memberships__role=Role.OWNER,
        ancestor__memberships__user__is_active=True,
    )
    found: dict[UUID, set[int]] = {}
    for collection, person in held.values_list("descendant_id", "ancestor__memberships__user_id"):
        found.setdefault(collection, set()).add(person)
    return found
