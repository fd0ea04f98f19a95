"""Deciding what goes into a bag: at one moment of the database, before the first byte leaves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from archive.backups.snapshots import database_snapshot
from archive.bags import records
from archive.bags.contents import BagContents, Purpose
from archive.bags.instance import instance_name
from archive.bags.linked_data import Node, collection_node, derivative_node, document, photo_nodes
from archive.bags.portable_names import PortableNames
from archive.bags.writing import BagFile
from archive.camera_privacy import SplicedFile, open_without_camera_data
from archive.description.metadata_csv import metadata_csv
from archive.errors import StateError
from archive.events.premis import premis_xml
from archive.events.records import event_records
from archive.events.software import software_name
from archive.files.derivatives import Derivative, DerivedFile, derivative_sources
from archive.files.storage import Area, StoredFile, sha256_of
from archive.messages import state_error
from archive.models import Collection, Event, Photo
from archive.querysets.visible import PhotoQuerySet


def gather(
    *,
    bag_id: UUID,
    collection: Collection,
    photos: PhotoQuerySet,
    whole: bool,
    purpose: Purpose,
    folder: Path,
) -> BagContents:
    """Decide about everything that a bag of these `photos`, all within `collection`, holds.

    `whole`: there are no others in it, so events of photos that are gone belong to it, too. Metadata are
    written into `folder`, which is empty and stays until the bag is poured. Raises StateError
    `archive:bag:nothing` without photos, or `archive:bag:files-missing` when storage has lost files that
    belong into the bag.
    """
    contents = BagContents(bag_id=bag_id, purpose=purpose, title=collection.title)
    with database_snapshot():
        _Gathering(contents, collection, photos, folder, whole=whole).run()
    return contents


class _Gathering:
    """One walk over the rows, in which metadata are written and files listed."""

    def __init__(
        self,
        contents: BagContents,
        collection: Collection,
        photos: PhotoQuerySet,
        folder: Path,
        *,
        whole: bool,
    ) -> None:
        self.contents = contents
        self.photos = photos
        self.folder = folder
        self.keeping = contents.purpose is Purpose.KEEPING
        self.collections = _ancestors_first(collection, photos, whole=whole)
        self.events = _events_of(self.collections, photos, whole=whole)
        self.names = PortableNames()
        self.original_paths: dict[UUID, str] = {}
        self.missing: list[str] = []

    def run(self) -> None:
        with ExitStack() as stack:
            # The records of photos and works are written while their JSON-LD is.
            lines = {
                name: stack.enter_context(self._new(name))
                for name in (records.PHOTOS, records.DERIVATIVES)
                if self.keeping
            }
            with self._new("metadata/photos.jsonld") as file:
                file.writelines(document(self._nodes(lines)))
        if not self.contents.photo_count:
            raise state_error("archive:bag:nothing")
        if self.missing:
            raise state_error("archive:bag:files-missing", number=len(self.missing), first=self.missing[0])
        self._write("metadata/photos.csv", metadata_csv(self.photos))
        xml = premis_xml(event_records(self.events))
        self._write("metadata/events.premis.xml", (piece.decode() for piece in xml))
        if self.contents.left_out:
            self._write("metadata/left-out.txt", (f"{path}: {why}\n" for path, why in self.contents.left_out))
        if self.keeping:
            self._write_other_records()
        for path in sorted(each for each in self.folder.rglob("*") if each.is_file()):
            self._list(str(path.relative_to(self.folder)), path, sha256_of(path))

    def _nodes(self, lines: dict[str, IO[str]]) -> Iterator[Node]:
        """What JSON-LD says; on the way every file is listed, and every record written to its `lines`."""
        folders = self._folders()
        for collection in self.collections:
            yield collection_node(collection)
        for photo in self._rows():
            path = self.names.claim(
                "originals", *folders[photo.collection_id], *photo.folder.split("/"), photo.filename
            )
            self.contents.photo_count += 1
            if self._add(path, StoredFile(Area.ORIGINALS, photo.original.sha256)):
                self.original_paths[photo.pk] = path
                yield from photo_nodes(photo, path=path, unchanged=self.keeping)
            if self.keeping:
                record = records.photo_record(photo, path=path)
                lines[records.PHOTOS].write(records.json_line(record))
        for source in derivative_sources():
            for derivative in source.approved(self.photos):
                original = self.original_paths.get(derivative.photo_id)
                if original is None:
                    continue
                paths = self._add_derivative(derivative, original)
                work = paths.get(derivative.work.role)
                if work:
                    self.contents.derivative_count += 1
                    yield derivative_node(derivative, path=work, original=original, unchanged=self.keeping)
                if self.keeping:
                    record = records.derivative_record(derivative, source=source.name, paths=paths)
                    lines[records.DERIVATIVES].write(records.json_line(record))

    def _folders(self) -> dict[UUID, list[str]]:
        """For each collection the folders of its originals: parts lie in the folder of their whole."""
        folders: dict[UUID, list[str]] = {}
        names: defaultdict[UUID | None, PortableNames] = defaultdict(PortableNames)
        for each in self.collections:
            above = folders.get(each.parent_id, []) if each.parent_id else []
            own = names[each.parent_id].claim(f"{each.call_number} {each.title}".strip())
            folders[each.pk] = [*above, own]
        return folders

    def _rows(self) -> Iterator[Photo]:
        rows = self.photos.select_related("original", "uploaded_by").prefetch_related("tags")
        return rows.order_by("collection", "folder", "filename", "pk").iterator(chunk_size=500)

    def _add_derivative(self, derivative: Derivative, original: str) -> dict[str, str]:
        """List the files of a work; where they lie by role, those left out missing."""
        files: tuple[DerivedFile, ...] = (derivative.work,)
        if self.keeping:
            files += derivative.beside
        paths = {}
        for file in files:
            room = "restorations" if file is derivative.work else "layers"
            above = PurePosixPath(original).relative_to("originals")
            name = f"{above.stem}-{file.role}{PurePosixPath(file.file.name).suffix}"
            path = self.names.claim(room, *above.parts[:-1], name)
            if self._add(path, file.file):
                paths[file.role] = path
        return paths

    def _add(self, path: str, source: StoredFile) -> bool:
        """List a stored file; False where it is missing, or cannot be freed of camera data."""
        lying = source.find()
        if lying is None:
            self.missing.append(path)
            return False
        if self.keeping:
            self.contents.byte_count += lying.byte_size
            self.contents.files.append(BagFile(path, source.stream, source.sha256))
            return True
        try:
            with open_without_camera_data(source) as opened:
                self.contents.byte_count += opened.byte_size
        except StateError as error:
            self.contents.left_out.append((path, error.message))
            return False
        self.contents.files.append(BagFile(path, partial(_open_for_strangers, source)))
        return True

    def _list(self, path: str, source: Path, sha256: str) -> None:
        self.contents.byte_count += source.stat().st_size
        self.contents.files.append(BagFile(path, lambda: source.open("rb"), sha256))

    def _write_other_records(self) -> None:
        inside = {each.pk for each in self.collections}
        self._write(
            records.COLLECTIONS,
            (
                records.json_line(records.collection_record(each, inside=each.parent_id in inside))
                for each in self.collections
            ),
        )
        self._write(records.EVENTS, map(records.json_line, event_records(self.events)))
        about = {
            "format": records.FORMAT,
            "bag": str(self.contents.bag_id),
            "instance": instance_name(),
            "software": software_name(),
            "title": self.contents.title,
            "photos": self.contents.photo_count,
        }
        self._write(records.ABOUT, [json.dumps(about, ensure_ascii=False, indent=2), "\n"])

    def _write(self, name: str, pieces: Iterable[str]) -> None:
        with self._new(name) as file:
            file.writelines(pieces)

    def _new(self, name: str) -> IO[Any]:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("x", encoding="utf-8", newline="")


def _open_for_strangers(source: StoredFile) -> SplicedFile:
    """The stored file without its camera data. FixityError when it is not what it should be: of what is left
    of it, nobody could tell.
    """
    source.verify()
    return open_without_camera_data(source)


def _ancestors_first(collection: Collection, photos: PhotoQuerySet, *, whole: bool) -> list[Collection]:
    """`collection` and what is below it, in an order in which a part never comes before its whole.

    Of a selection only those that hold some of the photos, or parts that do.
    """
    rows = Collection.objects.within(collection).present().select_related("owner")
    if not whole:
        holding = photos.order_by().values("collection")
        rows = rows.filter(Q(below__descendant__in=holding) | Q(pk=collection.pk)).distinct()
    # The further from the root, the deeper: nobody has a greater distance than to the very top.
    depth = Max("above__distance")
    return list(rows.annotate(depth=depth).order_by("depth", "title", "pk"))


def _events_of(collections: list[Collection], photos: PhotoQuerySet, *, whole: bool) -> QuerySet[Event]:
    """What happened to the photos and to the collections themselves; of a whole, to photos that are gone."""
    inside = Event.objects.filter(collection__in=collections)
    if whole:
        return inside
    return inside.filter(Q(photo__isnull=True) | Q(photo__in=photos.order_by().values("pk")))
