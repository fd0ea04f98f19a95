"""Tokens for programs."""

from __future__ import annotations

import logging
from collections.abc import Collection as Several
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from archive.access.keys import digest_of, new_key
from archive.access.scopes import Scope
from archive.messages import input_error
from archive.models import ApiToken, Collection

logger = logging.getLogger(__name__)

# A token that is used ten times a second need not write ten times a second.
NOTED_ONCE_IN = timedelta(minutes=1)


@transaction.atomic
def create_api_token(
    *,
    user: User,
    name: str,
    scopes: Several[Scope],
    collections: Several[Collection] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and its key, of which only a digest is kept: it is returned this once.

    `collections`: what the token is limited to, with everything below; None for no limits.

    Raises InputError archive:token:scopes without a scope, archive:token:collections for limits that name
    none or one which `user` does not see, archive:access:past for an end that is not in the future.
    """
    if not scopes:
        raise input_error("archive:token:scopes")
    if expires_at is not None and expires_at <= timezone.now():
        raise input_error("archive:access:past")
    if collections is not None:
        wanted = {collection.pk for collection in collections}
        if not wanted or Collection.objects.visible_to(user).filter(pk__in=wanted).count() != len(wanted):
            raise input_error("archive:token:collections")
    key = new_key()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=[scope.value for scope in Scope if scope in scopes],
        is_limited=collections is not None,
        key_digest=digest_of(key),
        expires_at=expires_at,
    )
    if collections is not None:
        token.collections.set(collections)
    return token, key


@transaction.atomic
def revoke_api_token(*, token: ApiToken) -> None:
    """Close a token at once; revoking it again changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def note_use(*, token: ApiToken) -> None:
    """Remember that the token was used just now, to the minute. Where the database takes nothing, as on a
    full disk, that is forgotten: whoever only reads can go on.
    """
    now = timezone.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_ONCE_IN)
    # Looked at first, so that an ordinary read takes no write lock.
    if token.last_used_at is None or token.last_used_at < now - NOTED_ONCE_IN:
        try:
            ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
        except OperationalError:
            logger.warning("the use of token %s could not be noted", token.pk, exc_info=True)
