"""What people say about themselves, how they like their pages, and where they are signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from archive.messages import input_error
from archive.models import Profile

NAMES = ("first_name", "last_name")
CHOICES = ("language", "theme", "mail_when_finished")


@transaction.atomic
def change_profile(*, user: User, **changes: Any) -> Profile:
    """Change some of NAMES and CHOICES; what is not named stays. Returns the profile as it is now.

    Raises ValidationError for a language or a theme that there is not.
    """
    names = {name: changes.pop(name) for name in NAMES if name in changes}
    if names:
        for name, value in names.items():
            setattr(user, name, value)
        user.save(update_fields=list(names))
    profile = _profile_for_update(user)
    for name, value in changes.items():
        setattr(profile, name, value)
    profile.full_clean()
    profile.save()
    # The account object that asked knows it from now on.
    user.profile = profile
    return profile


@transaction.atomic
def change_email(*, user: User, email: str, password: str) -> User:
    """Give the account another address, or none with "". It takes the password: by this address the password
    can be reset.

    Raises InputError archive:account:wrong-password.
    """
    if not user.check_password(password):
        raise input_error("archive:account:wrong-password")
    user.email = email
    user.save(update_fields=["email"])
    return user


@transaction.atomic
def change_password(*, user: User, old: str, new: str) -> User:
    """Set another password, which ends all of the person's sessions but the one that is told so.

    `new` must have passed the validators. Raises InputError archive:account:wrong-password.
    """
    if not user.check_password(old):
        raise input_error("archive:account:wrong-password")
    user.set_password(new)
    user.save(update_fields=["password"])
    return user


@transaction.atomic
def end_sessions(*, user: User) -> None:
    """Sign the person out in every browser, this one too. API tokens are not sessions and stay."""
    profile = _profile_for_update(user)
    Profile.objects.filter(pk=profile.pk).update(session_generation=F("session_generation") + 1)


def _profile_for_update(user: User) -> Profile:
    Profile.objects.get_or_create(user=user)
    return Profile.objects.select_for_update().get(user=user)
