"""What files must exist: each app says what its rows name, and fixity checks, backups and bags ask here.

Renditions are left out: they are copies for showing, made anew from an original at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from archive.files.storage import Area, StoredFile
from archive.models import Original, Photo
from archive.querysets.visible import PhotoQuerySet


class HoldingKind(StrEnum):
    """What a file is to the photo that it belongs to."""

    ORIGINAL = "original"
    RESULT = "result"
    REPAIR = "repair"
    LAYER = "layer"
    HAND = "hand"


HELD_AREAS = (Area.ORIGINALS, Area.RESULTS, Area.LAYERS)
"""The areas in which every file is named by some row; a file that none names is a stranger."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A file that must lie in `area` by this SHA-256 and suffix. `byte_size` is None where no row tells."""

    area: Area
    sha256: str
    suffix: str
    byte_size: int | None
    kind: HoldingKind

    @property
    def file(self) -> StoredFile:
        """The file's name."""
        return StoredFile(self.area, self.sha256, self.suffix)


Provider = Callable[[PhotoQuerySet | None], Iterable[Holding]]
Owners = Callable[[Holding], PhotoQuerySet]
InFlight = Callable[[], bool]
Names = Callable[[Area, str, str], bool]


@dataclass(frozen=True, slots=True)
class _Registered:
    provider: Provider
    owners: Owners
    names: Names
    in_flight: InFlight | None


_registered: list[_Registered] = []


def register_holdings(
    provider: Provider, *, owners: Owners, names: Names, in_flight: InFlight | None = None
) -> None:
    """Add what an app keeps, from its AppConfig.ready.

    `provider` gets photos, or None for everything, and gives the files that their rows name; streamed, and
    the same file as often as it is named. `owners` gives the photos to which such a file belongs. `names`
    tells of an area, SHA-256 and suffix whether a row names that file. `in_flight` tells whether work goes on
    that may have stored files which no row names yet.
    """
    if all(each.provider is not provider for each in _registered):
        _registered.append(_Registered(provider, owners, names, in_flight))


def holdings(photos: PhotoQuerySet | None = None) -> Iterator[Holding]:
    """Every file that must exist, for the `photos` (of whatever state, the bin too) or for the whole archive.

    Streamed; a file that several rows name may come several times.
    """
    for each in _registered:
        yield from each.provider(photos)


def photos_with(holding: Holding) -> set[Photo]:
    """The photos to which a file belongs."""
    return {photo for each in _registered for photo in each.owners(holding)}


def is_named(area: Area, sha256: str, suffix: str) -> bool:
    """Whether some row names this file, so that it must exist."""
    return any(each.names(area, sha256, suffix) for each in _registered)


def work_is_in_flight() -> bool:
    """Whether some app works on files that no row names yet."""
    return any(each.in_flight() for each in _registered if each.in_flight is not None)


def original_holdings(photos: PhotoQuerySet | None) -> Iterator[Holding]:
    """The originals; the archive's own provider."""
    originals = Original.objects.order_by()
    if photos is not None:
        originals = originals.filter(pk__in=photos.order_by().values("original"))
    rows = originals.values_list("sha256", "byte_size")
    for sha256, byte_size in rows.iterator(chunk_size=5000):
        yield Holding(Area.ORIGINALS, sha256, "", byte_size, HoldingKind.ORIGINAL)


def photos_of_original(holding: Holding) -> PhotoQuerySet:
    """The photos that show an original."""
    if holding.kind is not HoldingKind.ORIGINAL:
        return Photo.objects.none()
    return Photo.objects.filter(original__sha256=holding.sha256).select_related("collection")


def names_original(area: Area, sha256: str, suffix: str) -> bool:
    """Whether it is the file of an original."""
    return area is Area.ORIGINALS and not suffix and Original.objects.filter(sha256=sha256).exists()


register_holdings(original_holdings, owners=photos_of_original, names=names_original)
