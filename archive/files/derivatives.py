"""Works that other apps make from photos, as bags take them along and bring them in again.

The archive does not know its neighbours; they register in their AppConfig.ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth.models import User

from archive.files.storage import StoredFile
from archive.models import Photo
from archive.querysets.visible import PhotoQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFile:
    """A file of a derivative, and what it is to the work ("result", "mask", ...)."""

    role: str
    file: StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivative:
    """A work that was made from a photo and approved.

    `work` is the picture itself (width and height in pixels), `beside` what was kept for those who want to
    retrace it. `source_type`: IPTC's digital source type, an address; `software`: what made it, by name and
    version. `provenance` is JSON: all that `take_in` needs, without the files.
    """

    id: UUID
    photo_id: UUID
    work: DerivedFile
    beside: tuple[DerivedFile, ...]
    media_type: str
    byte_size: int
    width: int
    height: int
    made_at: datetime
    software: str
    source_type: str
    provenance: dict[str, Any]


class DerivativeSource(Protocol):
    """What an app that makes derivatives gives. `name` tells its works from those of others, for ever."""

    name: str

    def approved(self, photos: PhotoQuerySet) -> Iterator[Derivative]:
        """The approved works of the photos, streamed."""

    def store(self, *, provenance: dict[str, Any], files: Mapping[str, Path]) -> None:
        """Put the files of a work that another archive made into storage, before any row names them.

        `files` by role; what they are to contain, the provenance says. Raises InputError
        `archive:bag:unreadable` for provenance that is not understood or does not fit the files.
        """

    def take_in(self, *, photo: Photo, provenance: dict[str, Any], person: Callable[[str], User]) -> None:
        """Keep the work itself, inside the transaction that makes its photo, after `store`.

        `person` gives the account that stands for somebody of the other archive. Raises InputError as `store`
        does.
        """


_sources: dict[str, DerivativeSource] = {}


def register_derivatives(source: DerivativeSource) -> None:
    """Add an app's derivatives, from its AppConfig.ready."""
    _sources[source.name] = source


def derivative_sources() -> list[DerivativeSource]:
    """All that have registered."""
    return list(_sources.values())


def derivative_source(name: str) -> DerivativeSource | None:
    """The one of that name; None where no such app is installed."""
    return _sources.get(name)
