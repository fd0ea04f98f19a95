"""Ways in besides membership: invitations to become a member, links for guests, tokens for programs."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.access.keys import digest_of
from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.models.collections import Collection


class KeyQuerySet(models.QuerySet[Any]):
    """Rows that are opened by a key, of which only the digest is kept."""

    def valid(self) -> Self:
        """Neither revoked nor past their end."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), revoked_at=None)

    def opened_by(self, key: str) -> Self:
        """The valid row whose key this is; at most one."""
        return self.valid().filter(key_digest=digest_of(key))


class InvitationQuerySet(KeyQuerySet):
    def valid(self) -> Self:
        """Neither revoked nor past their end, nor accepted already."""
        return super().valid().filter(accepted_at=None)


class Key(models.Model):
    """Something that a key opens until it ends or is revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-created_at", "id"]


class Invitation(Key):
    """Asks somebody by e-mail to become a member. Good for one person, once, until it ends."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=16, choices=Role)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_invitations"
    )
    expires_at = models.DateTimeField(_("ends"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta(Key.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"


class ShareLink(Key):
    """Lets whoever has its address look at a collection and what is below it: approved work, read only."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="share_links")
    label = models.CharField(_("for whom"), max_length=200, blank=True)
    with_downloads = models.BooleanField(_("files may be downloaded"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links"
    )
    expires_at = models.DateTimeField(_("ends"))
    visit_count = models.PositiveIntegerField(_("visits"), default=0, editable=False)
    last_visit_at = models.DateTimeField(_("last visit"), null=True, blank=True, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta(Key.Meta):
        verbose_name = _("share link")
        verbose_name_plural = _("share links")

    def __str__(self) -> str:
        return self.label or f"{self.collection} · {self.created_at:%Y-%m-%d}"


class ApiToken(Key):
    """Lets a program act for its owner, within `scopes` (values of Scope) and, where there are any, within
    `collections` and what is below them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    scopes = models.JSONField(_("good for"), default=list)
    # Not the same as no collections at all: a token whose last collection is gone must not open every other.
    is_limited = models.BooleanField(_("for some collections only"), default=False)
    collections = models.ManyToManyField(
        Collection, blank=True, related_name="+", verbose_name=_("collections")
    )
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta(Key.Meta):
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        """What the token is good for, in words."""
        return [str(Scope(scope).label) for scope in self.scopes]
