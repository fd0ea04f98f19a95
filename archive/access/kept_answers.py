"""How answers are sealed that are kept for a day: some hold keys that are shown once and stored nowhere.

Who reads the database reads none of them: it takes the caller's own Idempotency-Key, of which only a digest
is kept, and the platform's secret key.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

_SALT = "archive.access.kept_answers"


def seal(answer: bytes, *, key: str) -> bytes:
    """Encrypt `answer` so that only `key` opens it."""
    return _box(key).encrypt(answer)


def unseal(sealed: bytes, *, key: str) -> bytes | None:
    """What `seal` was given; None where the platform's secret key has been changed since."""
    try:
        return _box(key).decrypt(sealed)
    except InvalidToken:
        return None


def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(salted_hmac(_SALT, key, algorithm="sha256").digest()))
