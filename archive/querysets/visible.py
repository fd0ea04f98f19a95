"""Who sees what. These methods are the only way from a visitor to a row; every definition stands in a
docstring.

A role holds for a collection and everything below it. A collection's owner is its owner through a membership
like everybody else (`services.create_collection` sees to it), so membership is the single ground of access
for whoever has an account; staff rights count in the admin only. Whoever has no role may be a Guest: of what
is public, and of what a share link opens. What is in the bin is in none of the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from archive.access.roles import CURATING, OWNING, REVIEWING, Role
from archive.access.visitors import Guest, Visitor, limits_of

if TYPE_CHECKING:
    from archive.models import Collection, Photo  # noqa: F401  (named in the strings below)

MANY_COLLECTIONS = 1_000
"""Of more than these the database looks the visible ones up itself, each time."""


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, visitor: Visitor) -> Self:
        """Collections in which `visitor` has any role. A Guest: public ones, and those of valid share links.

        Somebody not signed in sees none.
        """
        return self._open_to(visitor, list(Role))

    def reviewable_by(self, visitor: Visitor) -> Self:
        """Collections in which `visitor` may decide about restorations: owners, curators and reviewers."""
        return self._open_to(visitor, REVIEWING)

    def curated_by(self, visitor: Visitor) -> Self:
        """Collections that `visitor` may add to and change: owners and curators."""
        return self._open_to(visitor, CURATING)

    def owned_by(self, visitor: Visitor) -> Self:
        """Collections in which `visitor` decides who comes in: owners."""
        return self._open_to(visitor, OWNING)

    def topmost(self) -> Self:
        """Those of these collections whose parent is none of them."""
        return self.exclude(parent__in=self.order_by().values("pk"))

    def downloadable_by(self, visitor: Visitor) -> Self:
        """Collections of which `visitor` may have the files in full: members, and guests where it says so."""
        if isinstance(visitor, Guest):
            return self.present().filter(pk__in=_open_to_guest(visitor, with_downloads=True))
        return self.visible_to(visitor)

    def within(self, collection: Collection) -> Self:
        """`collection` itself and everything below it."""
        return self.filter(pk__in=_lineage().filter(ancestor=collection).values("descendant"))

    def keys_to_filter_by(self) -> Any:
        """Their keys as a list where they are not too many: a database that is told which ones knows how much
        they hold, and plans for that; one that has to find out guesses.
        """
        # Without an order: SQLite would sort what it only looks up.
        keys = self.order_by().values_list("pk", flat=True)
        listed = list(keys[: MANY_COLLECTIONS + 1])
        return listed if len(listed) <= MANY_COLLECTIONS else keys

    def present(self) -> Self:
        """Neither in the bin nor in a collection that is."""
        return self.exclude(pk__in=_in_the_bin())

    def in_bin(self, visitor: Visitor) -> Self:
        """Collections in the bin that `visitor` may take back, as an owner; not what lies inside of them."""
        found = _collections_open_to(visitor, OWNING)
        return self.none() if found is None else self.filter(deleted_at__isnull=False, pk__in=found)

    def _open_to(self, visitor: Visitor, roles: Sequence[Role]) -> Self:
        found = _collections_open_to(visitor, roles)
        return self.none() if found is None else self.present().filter(pk__in=found)


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, visitor: Visitor) -> Self:
        """Photos in collections that are visible to `visitor`."""
        return self._open_to(visitor, list(Role))

    def reviewable_by(self, visitor: Visitor) -> Self:
        """Photos in collections in which `visitor` may decide about restorations."""
        return self._open_to(visitor, REVIEWING)

    def curated_by(self, visitor: Visitor) -> Self:
        """Photos in collections that `visitor` may change."""
        return self._open_to(visitor, CURATING)

    def owned_by(self, visitor: Visitor) -> Self:
        """Photos in collections in which `visitor` decides who comes in."""
        return self._open_to(visitor, OWNING)

    def downloadable_by(self, visitor: Visitor) -> Self:
        """Photos whose files `visitor` may have in full: members, and guests where the collection says so."""
        if isinstance(visitor, Guest):
            return self.present().filter(collection__in=_open_to_guest(visitor, with_downloads=True))
        return self.visible_to(visitor)

    def within(self, collection: Collection) -> Self:
        """Photos in `collection` and in everything below it."""
        return self.filter(collection__in=_lineage().filter(ancestor=collection).values("descendant"))

    def present(self) -> Self:
        """Neither in the bin nor in a collection that is."""
        return self.filter(deleted_at__isnull=True).exclude(collection__in=_in_the_bin())

    def in_bin(self, visitor: Visitor) -> Self:
        """Photos in the bin that `visitor` may take back, as a curator; their collections are not in it."""
        found = _collections_open_to(visitor, CURATING)
        if found is None:
            return self.none()
        binned = self.filter(deleted_at__isnull=False, collection__in=found)
        return binned.exclude(collection__in=_in_the_bin())

    def _open_to(self, visitor: Visitor, roles: Sequence[Role]) -> Self:
        found = _collections_open_to(visitor, roles)
        return self.none() if found is None else self.present().filter(collection__in=found)


# Subqueries with IN, never joins: however many roles, links and ancestors there are, no row comes twice.


def _collections_open_to(visitor: Visitor, roles: Sequence[Role]) -> Any:
    """Keys of the collections in which `visitor` has one of the `roles`; None where there can be none."""
    if isinstance(visitor, Guest):
        return _open_to_guest(visitor) if Role.VIEWER in roles else None
    if not visitor.is_authenticated:
        return None
    # One filter() call, so both conditions meet in one membership.
    held = _lineage().filter(ancestor__memberships__user=visitor, ancestor__memberships__role__in=roles)
    limits = limits_of(visitor)
    if limits is not None:
        held = held.filter(descendant__in=_lineage().filter(ancestor__in=limits).values("descendant"))
    return held.values("descendant")


def _open_to_guest(guest: Guest, *, with_downloads: bool = False) -> Any:
    public = Q(ancestor__is_public=True)
    linked = Q(
        ancestor__share_links__in=guest.share_links,
        ancestor__share_links__revoked_at__isnull=True,
        ancestor__share_links__expires_at__gt=timezone.now(),
    )
    if with_downloads:
        public &= Q(ancestor__public_downloads=True)
        linked &= Q(ancestor__share_links__with_downloads=True)
    return _lineage().filter(public | linked if guest.share_links else public).values("descendant")


def _in_the_bin() -> Any:
    return _lineage().filter(ancestor__deleted_at__isnull=False).values("descendant")


def _lineage() -> models.QuerySet[Any]:
    return apps.get_model("archive", "Lineage").objects.all()
