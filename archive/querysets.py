"""Who sees what. These methods are the only way from a user to a row; every definition stands in a docstring.

A collection's owner is its curator through a membership like everybody else (`services.create_collection`
sees to it), so membership is the single ground of access. Staff rights count in the admin only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from archive.roles import CURATING, REVIEWING, Role

if TYPE_CHECKING:
    from archive.models import Collection, Photo  # noqa: F401  (named in the strings below)

Visitor = AbstractBaseUser | AnonymousUser


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: Visitor) -> Self:
        """Collections of which `user` is a member in any role. Somebody not signed in sees none."""
        return self._with_role(user, list(Role))

    def reviewable_by(self, user: Visitor) -> Self:
        """Collections in which `user` may decide about restorations: curators and reviewers."""
        return self._with_role(user, REVIEWING)

    def curated_by(self, user: Visitor) -> Self:
        """Collections that `user` may add to and change: curators."""
        return self._with_role(user, CURATING)

    def _with_role(self, user: Visitor, roles: Sequence[Role]) -> Self:
        if not user.is_authenticated:
            return self.none()
        # One filter() call, so both conditions meet in one membership; it is unique, so no row comes twice.
        return self.filter(memberships__user=user, memberships__role__in=roles)


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, user: Visitor) -> Self:
        """Photos in collections that are visible to `user`."""
        return self._with_role(user, list(Role))

    def reviewable_by(self, user: Visitor) -> Self:
        """Photos in collections in which `user` may decide about restorations."""
        return self._with_role(user, REVIEWING)

    def curated_by(self, user: Visitor) -> Self:
        """Photos in collections that `user` may change."""
        return self._with_role(user, CURATING)

    def _with_role(self, user: Visitor, roles: Sequence[Role]) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(collection__memberships__user=user, collection__memberships__role__in=roles)
