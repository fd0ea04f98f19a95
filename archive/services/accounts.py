"""Accounts, as those who run the platform make, change and close them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from archive.messages import state_error

CHANGEABLE = ("email", "first_name", "last_name", "is_active")


@transaction.atomic
def create_account(*, username: str, actor: User, password: str | None = None, **fields: Any) -> User:
    """Make an account; without a password, one can be set by the address of its mail.

    `password` must have passed the validators; `fields` are of CHANGEABLE. Raises PermissionDenied unless
    `actor` may add users, ValidationError for a name or an address that does not fit.
    """
    _check_permitted(actor, "auth.add_user")
    account = User(username=username, **fields)
    account.set_password(password)
    account.full_clean()
    account.save()
    return account


@transaction.atomic
def change_account(*, account: User, actor: User, **changes: Any) -> User:
    """Change some of CHANGEABLE. An account that is not active can neither sign in nor use its tokens.

    Raises PermissionDenied unless `actor` may change users (those who administer: a superuser only),
    StateError archive:account:own for who would close the account that he comes with.
    """
    _check_permitted(actor, "auth.change_user")
    row = User.objects.select_for_update().get(pk=account.pk)
    if (row.is_staff or row.is_superuser) and not actor.is_superuser:
        raise PermissionDenied
    if row.pk == actor.pk and changes.get("is_active") is False:
        raise state_error("archive:account:own")
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise TypeError(f"not to be changed: {name}")
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=list(changes))
    return row


def _check_permitted(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise PermissionDenied
