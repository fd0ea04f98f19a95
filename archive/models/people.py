"""What Pulih remembers about a person beside the account itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    """How pages look; nothing chosen means as the person's system looks."""

    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Profile(models.Model):
    """A person's choices. There is none until the person has chosen something: `profile_of` answers then."""

    Theme = Theme

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    # Empty: as the browser asks for it, and in mails as the platform is set.
    language = models.CharField(_("language"), max_length=10, blank=True, choices=settings.LANGUAGES)
    theme = models.CharField(_("theme"), max_length=5, blank=True, choices=Theme)
    mail_when_finished = models.BooleanField(_("e-mail when restorations have finished"), default=True)
    # A session remembers the number that it began with, and ends once there is a higher one.
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(theme__in=["", *Theme.values]), name="profile_theme_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
