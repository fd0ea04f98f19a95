"""That somebody reads the mail of an address: what comes back from there is signed, and nothing is kept.

A proof is good for three days and for one change: it names the address that the account has at present, and
ends with that and with the password.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core import signing

from archive.messages import input_error

LIFETIME = 3 * 24 * 3600  # seconds
_SALT = "archive.access.email_proofs"


def proof_for(user: User, email: str) -> str:
    """What the mail to `email` brings, in characters that may stand in an address."""
    return signing.dumps([user.pk, email, _present(user)], salt=_SALT, compress=True)


def proved_by(proof: str) -> tuple[User, str]:
    """The account, and the address that it may have from now on.

    Raises InputError archive:account:email-proof.
    """
    try:
        user_id, email, present = signing.loads(proof, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature as error:
        raise input_error("archive:account:email-proof") from error
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or present != _present(user):
        raise input_error("archive:account:email-proof")
    return user, email


def _present(user: User) -> list[str]:
    return [user.email, user.get_session_auth_hash()[:16]]
