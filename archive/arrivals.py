"""What other apps begin with a photo that has just come in, whichever way it came.

The archive does not know its neighbours; they say in their AppConfig.ready what they want done.
"""

from collections.abc import Callable

from archive.models import Photo

_hooks: list[Callable[[Photo], None]] = []


def on_arrival(hook: Callable[[Photo], None]) -> None:
    """Have `hook` called with every new photo, inside the transaction that makes it. It should be quick."""
    if hook not in _hooks:
        _hooks.append(hook)


def begin_work(photo: Photo) -> None:
    """Let every app begin what it has to with `photo`: for `ingest_photo(in_same_transaction=begin_work)`."""
    for hook in _hooks:
        hook(photo)
