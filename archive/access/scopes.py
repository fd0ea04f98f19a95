"""What an API token is good for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """A token may do what its scopes say and its owner's role allows; no scope includes another."""

    READ = "read", _("look and download")
    UPLOAD = "upload", _("add and describe")
    RESTORE = "restore", _("ask for restorations")
    REVIEW = "review", _("approve and reject")
    EXPORT = "export", _("export")
    ADMIN = "admin", _("administer: members, links, deletion")
