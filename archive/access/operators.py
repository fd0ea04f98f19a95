"""Those who run the platform: what concerns the whole archive is theirs."""

from __future__ import annotations

from django.contrib.auth.models import User

from archive.access.visitors import limits_of


def is_operator(user: User) -> bool:
    """Whether `user` administers the platform, and comes with no token that is for some collections only."""
    return user.is_staff and limits_of(user) is None
