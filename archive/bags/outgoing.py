"""A bag on its way out: gathered once, poured once, into a ZIP that is sent or into a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from pathlib import Path
from uuid import UUID, uuid4

from archive.bags.contents import BagContents, Purpose
from archive.bags.gathering import gather
from archive.bags.portable_names import portable
from archive.bags.writing import bag_members, stream_zip, write_folder
from archive.files.storage import incoming_folder
from archive.models import Collection
from archive.querysets.visible import PhotoQuerySet


class OutgoingBag:
    """What `services.export_bag` gives. Close it, or use it up, and its temporary files are gone."""

    def __init__(
        self, *, collection: Collection, photos: PhotoQuerySet, whole: bool, purpose: Purpose
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=incoming_folder(), prefix="bag-")
        self.id: UUID = uuid4()
        try:
            self.contents: BagContents = gather(
                bag_id=self.id,
                collection=collection,
                photos=photos,
                whole=whole,
                purpose=purpose,
                folder=Path(self._folder.name),
            )
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """What the bag's folder is called, fit for any system."""
        return f"{portable(self.contents.title)[:80].rstrip()}-{str(self.id)[:8]}"

    def zip_chunks(self) -> Generator[bytes, None, None]:
        """The bag as a ZIP. Raises as `bag_members` does, and then the ZIP ends without its directory."""
        members = bag_members(self.contents.files, self.contents.info())
        yield from stream_zip(members, top=self.name)

    def write_to(self, folder: Path) -> None:
        """The bag as a folder, a new one. Raises as `bag_members` and `write_folder` do."""
        write_folder(bag_members(self.contents.files, self.contents.info()), folder)

    def close(self) -> None:
        """Throw the temporary files away; a second time does nothing."""
        self._folder.cleanup()
