"""Collections, the tree in which they stand, and the people who look after them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.access.roles import Role
from archive.models.described import Described
from archive.querysets.visible import CollectionQuerySet


class Level(models.TextChoices):
    """How far down in the tree a collection stands; a part is always deeper than its whole."""

    FONDS = "fonds", _("fonds")
    SERIES = "series", _("series")
    FILE = "file", _("file")

    @property
    def depth(self) -> int:
        """0 for the fonds, more for what lies deeper."""
        return list(Level).index(self)

    @property
    def below(self) -> Level:
        """What a part is unless told otherwise: the next level, if there is one."""
        return list(Level)[min(self.depth + 1, len(Level) - 1)]


class Collection(Described):
    """Photos that belong together and are looked after by the same people; often part of a greater whole."""

    Level = Level

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    level = models.CharField(_("level"), max_length=16, choices=Level, default=Level.FONDS)
    title = models.CharField(_("title"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="owned_collections",
        verbose_name=_("owner"),
    )
    auto_restore = models.BooleanField(_("restore new photos at once"), default=True)
    is_public = models.BooleanField(_("public"), default=False)
    public_downloads = models.BooleanField(_("visitors may download originals"), default=False)
    legal_hold = models.BooleanField(_("legal hold"), default=False)
    legal_hold_reason = models.CharField(_("reason of the legal hold"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    deleted_at = models.DateTimeField(_("put in the bin"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(level__in=Level.values), name="collection_level_known"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="collection_not_in_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Lineage(models.Model):
    """One line for every pair of a collection and one that holds it, itself included (`distance` 0).

    What is inherited down the tree (roles, legal hold, "and everything below") is asked here in one join,
    however deep the tree is. Kept by `create_collection` and `move_collection` only.
    """

    descendant = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="above")
    ancestor = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="below")
    distance = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("lineage")
        verbose_name_plural = _("lineages")
        constraints = [
            models.UniqueConstraint(fields=["descendant", "ancestor"], name="lineage_once_per_pair"),
        ]
        indexes = [models.Index(fields=["ancestor", "descendant"], name="lineage_downwards")]

    def __str__(self) -> str:
        return f"{self.descendant_id} < {self.ancestor_id} ({self.distance})"


class Membership(models.Model):
    """One person's role in one collection and everything below it. The owner always has one, as owner."""

    Role = Role

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["collection", "user"], name="membership_once_per_collection"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
