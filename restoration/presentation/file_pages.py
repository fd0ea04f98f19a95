"""Which page of a photo's file is shown, and the way to the others."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse

from archive.files.further_pages import page_sizes
from archive.files.storage import Area, StoredFile
from archive.models import Photo
from archive.presentation.pictures import with_page
from restoration.models import Restoration


@dataclass(frozen=True, slots=True)
class FilePages:
    """Page `number` of `count`, shown at `path`; `kept` (names and values) stays in the address."""

    number: int
    count: int
    path: str
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def previous(self) -> str:
        """Its address; empty at the first."""
        return self._address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        """Its address; empty at the last."""
        return self._address(self.number + 1) if self.number < self.count else ""

    def _address(self, number: int) -> str:
        query = "&".join(f"{name}={value}" if value else name for name, value in self.kept)
        return with_page(f"{self.path}?{query}" if query else self.path, number)


def page_count(photo: Photo) -> int:
    """How many pages of the photo's file there are to be looked at. Needs `photo.original`."""
    if photo.original.page_count == 1:
        return 1
    # Previews and masks are pages of the file, too.
    return max(1, len(page_sizes(StoredFile(Area.ORIGINALS, photo.original.sha256))))


def existing_page(photo: Photo, page: int) -> int:
    """The same number. Raises Http404 where the photo's file has no such page."""
    if page > 1 and page > page_count(photo):
        raise Http404
    return page


def file_pages(photo: Photo, restoration: Restoration | None, page: int, *, for_guests: bool) -> FilePages:
    """The pages of the photo's file, as a page for members or guests shows them."""
    path = reverse("restoration:guest_photo" if for_guests else "restoration:photo_detail", args=[photo.pk])
    version = (("version", str(restoration.pk)),) if restoration else ()
    return FilePages(page, page_count(photo), path, (("closer", ""),) if for_guests else version)
