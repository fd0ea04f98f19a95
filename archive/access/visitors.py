"""Who asks: members by their account, their tokens with limits of their own, and guests without a role."""

from __future__ import annotations

from collections.abc import Collection as Several
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

_LIMITS = "collections_of_token"


class Guest(AnonymousUser):
    """Somebody who looks in without a role: at what is public, and at what the share links open that this
    browser has followed. Sees approved work only, whoever is signed in besides.
    """

    def __init__(self, share_links: Several[UUID] = ()) -> None:
        super().__init__()
        self.share_links = frozenset(share_links)


Visitor = AbstractBaseUser | AnonymousUser


def limit_to_collections(user: AbstractBaseUser, collections: Several[UUID]) -> None:
    """From now on, this `user` object sees no more than these collections and what is below them."""
    setattr(user, _LIMITS, frozenset(collections))


def limits_of(user: Visitor) -> frozenset[UUID] | None:
    """The collections that `user` came to with a token that is good for no others; None without limits."""
    limits: frozenset[UUID] | None = getattr(user, _LIMITS, None)
    return limits
