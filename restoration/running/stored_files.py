"""Where the files of a restoration lie: its result, and what was kept beside it.

What is kept beside a result belongs to one original, and its file name says to which. So no two originals
share such a file, even where they came out alike, and the lock on the original decides alone whether it may
go.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from archive.files.storage import Area, StoredFile, adopt, receive
from restoration.models import Restoration

PNG, TIFF, JPEG = "image/png", "image/tiff", "image/jpeg"

RESULT_SUFFIXES = {PNG: ".png", TIFF: ".tif", JPEG: ".jpg"}
"""By media type, what the name of a result ends in."""


class Kept(TextChoices):
    """What is kept beside a result. The first three are layers, 8-bit grey PNGs of the upright photo, at most
    1,600 pixels a side.

    In `mask` 255 is where the network was sure of damage; in `change` a value is the change in steps of 255;
    in `invention` it is four times the spread of several passes in grey levels of 255.
    """

    MASK = "mask", _("Damage found")
    CHANGE = "change", _("Change")
    INVENTION = "invention", _("Invention")
    REPAIR = "repair", _("Repair layer")
    HAND = "hand", _("The curator's hand")


_DIGITS_OF_ORIGINAL = 16

LAYERS = (Kept.MASK, Kept.CHANGE, Kept.INVENTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFiles:
    """Files by their SHA-256 (empty where there is none), all made from one original."""

    original_sha256: str
    result_sha256: str = ""
    result_media_type: str = ""
    kept: dict[Kept, str]

    def each(self) -> Iterator[StoredFile]:
        """Their names, one after the other."""
        if self.result_sha256:
            yield StoredFile(Area.RESULTS, self.result_sha256, result_suffix(self.result_media_type))
        for kind, sha256 in self.kept.items():
            yield kept_as(kind, sha256, original_sha256=self.original_sha256)


def files_of(restoration: Restoration) -> StoredFiles:
    """All that the row names."""
    return StoredFiles(
        original_sha256=restoration.original_sha256,
        result_sha256=restoration.result_sha256,
        result_media_type=restoration.result_media_type,
        kept=kept_files(restoration.layers, restoration.repair_sha256, restoration.hand_sha256),
    )


def kept_files(layers: dict[str, str], repair_sha256: str, hand_sha256: str = "") -> dict[Kept, str]:
    """SHA-256 of each file that is kept beside a result; only of those that there are."""
    named = {layer: layers.get(layer.value, "") for layer in LAYERS}
    named |= {Kept.REPAIR: repair_sha256, Kept.HAND: hand_sha256}
    return {kind: sha256 for kind, sha256 in named.items() if sha256}


def result_suffix(media_type: str) -> str:
    """What a result of this media type ends in. ValueError for a type that no result has."""
    try:
        return RESULT_SUFFIXES[media_type]
    except KeyError:
        raise ValueError(f"no result has the media type {media_type!r}") from None


def result_file(restoration: Restoration) -> StoredFile:
    """The result of a finished restoration."""
    return StoredFile(Area.RESULTS, restoration.result_sha256, result_suffix(restoration.result_media_type))


def kept_suffix(kind: Kept, original_sha256: str) -> str:
    """What follows a kept file's SHA-256 in its name: which original it belongs to, and its kind of file."""
    return f"-{original_sha256[:_DIGITS_OF_ORIGINAL]}{kept_ending(kind)}"


def kept_for(suffix: str) -> str:
    """What the SHA-256 of the original begins with, to which a kept file of this suffix belongs."""
    return suffix[1 : 1 + _DIGITS_OF_ORIGINAL]


def kept_ending(kind: Kept) -> str:
    """The ending of a kept file's kind."""
    return ".tif" if kind is Kept.REPAIR else ".png"


def kept_as(kind: Kept, sha256: str, *, original_sha256: str) -> StoredFile:
    """The kept file of that kind and content. ValueError for what is no SHA-256."""
    return StoredFile(Area.LAYERS, sha256, kept_suffix(kind, original_sha256))


def kept_file(restoration: Restoration, kind: Kept) -> StoredFile | None:
    """This restoration's file of that kind; None where it keeps none."""
    files = files_of(restoration)
    sha256 = files.kept.get(kind)
    return kept_as(kind, sha256, original_sha256=files.original_sha256) if sha256 else None


def kept_media_type(kind: Kept) -> str:
    """The media type of a kept file."""
    return TIFF if kind is Kept.REPAIR else PNG


def store_kept(kind: Kept, content: bytes, *, original_sha256: str) -> str:
    """Put a small kept file into storage; its SHA-256."""
    with receive(io.BytesIO(content)) as received:
        adopt_kept(kind, received.path, sha256=received.sha256, original_sha256=original_sha256)
        return received.sha256


def adopt_kept(kind: Kept, path: Path, *, sha256: str, original_sha256: str) -> None:
    """Move a kept file from the incoming folder to its place. Errors as of `archive.files.storage.adopt`."""
    adopt(path, area=Area.LAYERS, sha256=sha256, suffix=kept_suffix(kind, original_sha256))
