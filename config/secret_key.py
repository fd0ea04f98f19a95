"""The secret key: for one's own machine one that is made on first use, so that none has to stand in the
repository; for a server that others reach one of its own.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

SHORTEST = 50  # characters, as Django's own check has it
_FEWEST_DIFFERENT = 5
_OF_EXAMPLES = ("django-insecure-", "changeme", "change-me", "for tests only")


def read_or_create_secret_key(path: Path) -> str:
    """Return the key kept in `path`, making file and key on first use.

    Two processes that begin at once agree.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key())
        try:
            # Unlike a rename, a link fails when another process was first; its key then counts.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def strong_secret_key(key: str, *, development: Path) -> str:
    """The `key` of a server that others reach. Raises ImproperlyConfigured, which stops the server before it
    has started, for one that is empty or short, of an example, or the one kept at `development`: whoever has
    seen that folder on somebody's own machine could sign in as anybody.
    """
    weak = len(key) < SHORTEST or len(set(key)) < _FEWEST_DIFFERENT or key.lower().startswith(_OF_EXAMPLES)
    if weak or (development.exists() and development.read_text().strip() == key.strip()):
        raise ImproperlyConfigured(
            f"PULIH_SECRET_KEY must be {SHORTEST} or more random characters, and not the key that Pulih made "
            'for development: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return key
