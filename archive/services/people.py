"""What people say about themselves, how they like their pages, and where they are signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django_q.tasks import async_task

from archive.access.attempts import PASSWORD
from archive.access.email_proofs import proved_by
from archive.messages import input_error
from archive.models import Profile
from archive.queue.message_order import NextButOne
from archive.services.attempts import count_attempt, forget_attempts

NAMES = ("first_name", "last_name")
MAIL_EMAIL_PROOF = "archive.queue.mail_tasks.mail_email_proof"
MAIL_EMAIL_CHANGED = "archive.queue.mail_tasks.mail_email_changed"
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


def prove_password(*, user: User, password: str) -> None:
    """That whoever is signed in knows the present password. Not for use inside of a transaction, whose end
    would take back what is counted.

    Raises InputError archive:account:wrong-password, TooManyAttemptsError.
    """
    count_attempt(limit=PASSWORD, who=str(user.pk))
    if not user.check_password(password):
        raise input_error("archive:account:wrong-password")
    forget_attempts(limit=PASSWORD, who=str(user.pk))


def request_email(*, user: User, email: str, password: str, site: str) -> bool:
    """Ask for another address of the account. It stays as it is until somebody has opened the mail that goes
    there, and with "" has none at once. It takes the password: by this address the password can be reset.

    `site`: where people reach this platform. Returns whether a mail goes out. Raises as `prove_password`.
    """
    prove_password(user=user, password=password)
    if not email or email == user.email:
        user.email = email
        user.save(update_fields=["email"])
        return False
    language = translation.get_language()
    transaction.on_commit(
        lambda: async_task(
            MAIL_EMAIL_PROOF, user.pk, email, site, language, group="mail", broker=NextButOne()
        )
    )
    return True


@transaction.atomic
def confirm_email(*, proof: str) -> User:
    """Give the account the address that the proof is of, and tell the one that it had.

    Raises InputError archive:account:email-proof.
    """
    user, email = proved_by(proof)
    before = user.email
    user.email = email
    user.save(update_fields=["email"])
    if before:
        language = translation.get_language()
        transaction.on_commit(
            lambda: async_task(
                MAIL_EMAIL_CHANGED, user.pk, before, language, group="mail", broker=NextButOne()
            )
        )
    return user


def change_password(*, user: User, old: str, new: str) -> User:
    """Set another password, which ends all of the person's sessions but the one that is told so.

    `new` must have passed the validators. Raises as `prove_password`.
    """
    prove_password(user=user, password=old)
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
