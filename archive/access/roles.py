"""What a member of a collection, and of everything below it, may do."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Each role may do what the ones after it may."""

    OWNER = "owner", _("owner")  # decides who comes in: members, share links, the public; deletes collections
    CURATOR = "curator", _("curator")  # uploads, describes, restores, decides, exports
    REVIEWER = "reviewer", _("reviewer")  # compares, approves, rejects
    VIEWER = "viewer", _("viewer")  # looks and downloads

    @property
    def rank(self) -> int:
        """0 for the owner, more for who may do less."""
        return list(Role).index(self)


OWNING = (Role.OWNER,)
CURATING = (Role.OWNER, Role.CURATOR)
REVIEWING = (Role.OWNER, Role.CURATOR, Role.REVIEWER)
