"""What a member of a collection may do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Each role may do what the ones after it may."""

    CURATOR = "curator", _("curator")  # uploads, describes, restores, decides, invites
    REVIEWER = "reviewer", _("reviewer")  # compares, approves, rejects
    VIEWER = "viewer", _("viewer")  # looks and downloads


CURATING = (Role.CURATOR,)
REVIEWING = (Role.CURATOR, Role.REVIEWER)
