"""Keys that open something to whoever holds them: of invitations, share links and API tokens.

They are long and drawn by chance, so a plain SHA-256 of them is enough to keep: who reads the database learns
no key, and a key is found by its digest in one look at an index.
"""

from __future__ import annotations

import hashlib
import secrets

KEY_BYTES = 32


def new_key() -> str:
    """A key that cannot be guessed, of characters that may stand in an address."""
    return secrets.token_urlsafe(KEY_BYTES)


def digest_of(key: str) -> str:
    """What is kept of a key: 64 hexadecimal digits."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
