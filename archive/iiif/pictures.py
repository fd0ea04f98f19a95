"""Pictures that the Image API serves, each with a name that stays: originals, and what other apps register.

The archive does not know its neighbours; they register in their AppConfig.ready. Every picture has two names,
one for it in full, and one for the size in which pages show it: whoever may see a photo but not download it
gets no more than that.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from archive.access.visitors import Visitor
from archive.files.renditions import rendition_file
from archive.files.storage import Area, StoredFile
from archive.formats.decoding import page_headers
from archive.iiif.language_maps import Words
from archive.models import Photo, Rendition

ORIGINAL = "original"
_PREVIEW = "-preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPicture:
    """A stored picture, upright `width` by `height` pixels, in full or (`is_preview`) as pages show it.

    `source` is the picture in full either way. `facts` are terms and values about how it came about;
    `notice` is what must be said wherever it is shown.
    """

    kind: str
    key: UUID
    source: StoredFile
    width: int
    height: int
    label: Words
    facts: tuple[tuple[Words, Words], ...] = ()
    notice: Words = ""
    is_preview: bool = False

    @property
    def identifier(self) -> str:
        """Its name in the Image API's addresses."""
        return f"{self.kind}-{self.key}{_PREVIEW if self.is_preview else ''}"

    @property
    def shown(self) -> StoredFile:
        """The file that is the most of it that is given out."""
        if not self.is_preview:
            return self.source
        return rendition_file(self.source.sha256, Rendition.Kind.WEB)

    def as_preview(self) -> ServedPicture:
        """The picture as pages show it. One look at a file's header."""
        preview = replace(self, is_preview=True)
        with suppress(FileNotFoundError), preview.shown.local_copy() as path:
            for header in page_headers(path, "WEBP"):
                return replace(preview, width=header.width, height=header.height)
        return preview


class PictureSource(Protocol):
    """What an app that has pictures of photos gives. `kind`: small letters; stands in addresses for ever."""

    kind: str

    def of_photo(self, visitor: Visitor, photo: Photo) -> Iterable[ServedPicture]:
        """The pictures of a photo that the visitor may see, in full, in the order in which to choose from
        them.
        """

    def find(self, visitor: Visitor, key: UUID, *, in_full: bool) -> ServedPicture | None:
        """The one with that key, in full; None unless the visitor may see it, or have it `in_full`."""


class _Originals:
    kind = ORIGINAL

    def of_photo(self, visitor: Visitor, photo: Photo) -> Iterable[ServedPicture]:
        original = photo.original
        yield ServedPicture(
            kind=self.kind,
            key=photo.pk,
            source=StoredFile(Area.ORIGINALS, original.sha256),
            width=original.width,
            height=original.height,
            label=_("Original"),
        )

    def find(self, visitor: Visitor, key: UUID, *, in_full: bool) -> ServedPicture | None:
        photos = Photo.objects.downloadable_by(visitor) if in_full else Photo.objects.visible_to(visitor)
        photo = photos.filter(pk=key).select_related("original").defer("original__embedded").first()
        return next(iter(self.of_photo(visitor, photo)), None) if photo else None


_sources: dict[str, PictureSource] = {ORIGINAL: _Originals()}


def register_pictures(source: PictureSource) -> None:
    """Add an app's pictures, from its AppConfig.ready."""
    _sources[source.kind] = source


def pictures_of(visitor: Visitor, photo: Photo) -> list[ServedPicture]:
    """All of the photo, which must be visible to the visitor, as large as the visitor may have them; the
    original first. Needs `photo.original`.
    """
    found = [each for source in _sources.values() for each in source.of_photo(visitor, photo)]
    if Photo.objects.downloadable_by(visitor).filter(pk=photo.pk).exists():
        return found
    return [each.as_preview() for each in found]


def original_preview(photo: Photo) -> str:
    """The name of the photo's original as pages show it."""
    return f"{ORIGINAL}-{photo.pk}{_PREVIEW}"


def find_picture(visitor: Visitor, identifier: str) -> ServedPicture | None:
    """The picture of that name, if the visitor may have it so."""
    named = identifier.removesuffix(_PREVIEW)
    kind, _dash, text = named.partition("-")
    source = _sources.get(kind)
    try:
        key = UUID(text)
    except ValueError:
        return None
    # One name only: caches and viewers compare them letter by letter.
    if source is None or str(key) != text:
        return None
    is_preview = named != identifier
    picture = source.find(visitor, key, in_full=not is_preview)
    return picture.as_preview() if picture and is_preview else picture
