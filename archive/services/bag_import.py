"""What comes in as a bag: of another archive, or of this one before it was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from archive.bags.incoming import DerivativeIndex, IncomingBag, read_bag
from archive.bags.instance import instance_name
from archive.bags.reading import opened_bag
from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.events.kinds import EventKind
from archive.files.derivatives import DerivativeSource, derivative_source
from archive.files.storage import placing
from archive.formats.moments import read_moment
from archive.messages import input_error
from archive.models import Collection, Event, Photo
from archive.services.collections import create_collection
from archive.services.events import NewEvent, record_event, record_events
from archive.services.holds import set_legal_hold
from archive.services.ingest import ingest_photo

_BATCH = 1000


@dataclass(slots=True)
class BagImportReport:
    """What came of a bag: its uppermost collections, photos taken, photos that an earlier try had taken,
    works made from photos, and works left because the app that made such is not installed here.
    """

    collections: list[Collection] = field(default_factory=list)
    taken: int = 0
    already_here: int = 0
    derivatives: int = 0
    left: int = 0


def import_bag(
    *,
    path: Path,
    imported_by: User,
    parent: Collection | None = None,
    on_photo: Callable[[int, int], None] | None = None,
) -> BagImportReport:
    """Take in the bag at `path`, a folder or a ZIP, that `export_bag` made for keeping.

    Photos, collections and approved works keep their ids, times and descriptions; originals come in through
    `ingest_photo` like all others. `imported_by` owns the collections, which come to the top, or into
    `parent`; who was a member elsewhere is none here. People of the other archive are named by accounts that
    nobody can sign in to. Events are verified and kept with their origin, outside of our own history.

    The collections and all events come first, in one transaction, then each photo in its own: an import that
    was interrupted goes on when it is started again. `on_photo` is told how many of how many are done.

    Raises InputError as `opened_bag`, `read_bag` and `IncomingBag.events` do; `archive:bag:taken` when an id
    is in use here for something else; or as `ingest_photo` does, with the file's name in front.
    """
    with opened_bag(path) as folder:
        bag = read_bag(folder)
        report = BagImportReport(collections=take_bag_collections(bag=bag, owner=imported_by, parent=parent))
        photos = BagPhotos(bag, imported_by, report)
        for number, record in enumerate(bag.photos(), start=1):
            photos.take(record)
            if on_photo is not None:
                on_photo(number, bag.photo_count)
        record_bag_import(bag=bag, imported_by=imported_by, report=report)
    return report


@transaction.atomic
def record_bag_import(*, bag: IncomingBag, imported_by: User, report: BagImportReport) -> None:
    """Write down that a bag has come in whole."""
    for collection in report.collections:
        record_event(
            collection=collection,
            actor=imported_by,
            kind=EventKind.BAG_IMPORTED,
            details={"bag": bag.id, "instance": bag.instance, "photos": report.taken},
        )


@transaction.atomic
def take_bag_collections(*, bag: IncomingBag, owner: User, parent: Collection | None) -> list[Collection]:
    """The uppermost collections of the bag, made now with everything below them, or by an earlier try.

    Raises InputError archive:bag:taken, archive:bag:unreadable, and as `IncomingBag.events` does.
    """
    records = list(bag.collections())
    with _understood({}):
        ids = [UUID(record["id"]) for record in records]
        here = Collection.objects.in_bulk(ids)
        if here:
            # One that came with this very bag is no stranger: the import goes on.
            begun = Event.objects.filter(collection__in=ids, origin__bag=bag.id).exists()
            if not begun or len(here) != len(ids):
                raise input_error("archive:bag:taken", id=next(iter(here)))
        else:
            for record in records:
                above = here.get(UUID(record["parent"])) if record["parent"] else parent
                here[UUID(record["id"])] = _make_collection(record, owner, above)
            _record_history(bag, here)
        return [here[UUID(record["id"])] for record in records if not record["parent"]]


def _make_collection(record: dict[str, Any], owner: User, parent: Collection | None) -> Collection:
    collection = create_collection(
        owner=owner,
        parent=parent,
        level=record["level"],
        auto_restore=record["auto_restore"],
        collection_id=UUID(record["id"]),
        **{name: record[name] for name in COLLECTION_FIELDS},
    )
    created_at = read_moment(record["created_at"])
    Collection.objects.filter(pk=collection.pk).update(created_at=created_at)
    if record["legal_hold"]:
        set_legal_hold(collection=collection, actor=owner, reason=record["legal_hold_reason"])
    return collection


def _record_history(bag: IncomingBag, collections: dict[UUID, Collection]) -> None:
    """Keep all events of the bag as they were, each with the record of where it happened."""
    found = (_foreign_event(record, bag, collections) for record in bag.events())
    while some := list(islice(found, _BATCH)):
        record_events(events=some)


def _foreign_event(record: dict[str, Any], bag: IncomingBag, collections: dict[UUID, Collection]) -> NewEvent:
    return NewEvent(
        kind=record["kind"],
        collection=collections.get(UUID(record["collection"])) if record["collection"] else None,
        # The photo itself comes later; an event's key may lead nowhere.
        photo=Photo(pk=UUID(record["photo"])) if record["photo"] else None,
        details=record["details"],
        outcome=record["outcome"],
        happened_at=read_moment(record["at"]),
        origin={"bag": bag.id, "instance": bag.instance, **record},
    )


def _is_here(record: dict[str, Any]) -> bool:
    """Whether the photo is here already. Raises InputError when the id belongs to another one."""
    here = Photo.objects.filter(pk=UUID(record["id"])).select_related("original").first()
    if here is None:
        return False
    if (here.original.sha256, str(here.collection_id)) != (record["sha256"], record["collection"]):
        raise input_error("archive:bag:taken", id=here.pk)
    return True


class BagPhotos:
    """Takes the photos of one bag, each with the works that were made from it."""

    def __init__(self, bag: IncomingBag, imported_by: User, report: BagImportReport) -> None:
        self._bag = bag
        self._imported_by = imported_by
        self._report = report
        self._derivatives = DerivativeIndex(bag)
        self._person = _People(bag)

    def take(
        self, record: dict[str, Any], *, in_same_transaction: Callable[[Photo], None] | None = None
    ) -> bool:
        """Take one photo, unless an earlier try has; whether it was taken now.

        Raises InputError as `ingest_photo` does; archive:bag:unreadable, archive:bag:taken.
        """
        with _understood(record), placing():
            if _is_here(record):
                self._report.already_here += 1
                return False
            works = self._store_works(record["id"])
            self._ingest(record, works, in_same_transaction)
        self._report.taken += 1
        self._report.derivatives += len(works)
        return True

    def _store_works(self, photo: str) -> list[tuple[DerivativeSource, dict[str, Any]]]:
        """Copy the works' files and look at them, before the transaction, which must keep nobody waiting."""
        works = []
        for record in self._derivatives.of(photo):
            source = derivative_source(record["source"])
            if source is None:
                self._report.left += 1
                continue
            files = {role: self._bag.payload(path) for role, path in record["files"].items()}
            source.store(provenance=record["provenance"], files=files)
            works.append((source, record["provenance"]))
        return works

    def _ingest(
        self,
        record: dict[str, Any],
        works: list[tuple[DerivativeSource, dict[str, Any]]],
        also: Callable[[Photo], None] | None,
    ) -> None:
        def complete(photo: Photo) -> None:
            for source, provenance in works:
                source.take_in(photo=photo, provenance=provenance, person=self._person)
            Photo.objects.filter(pk=photo.pk).update(
                uploaded_by=self._person(record["uploaded_by"]),
                created_at=read_moment(record["created_at"]),
                updated_at=read_moment(record["updated_at"]),
            )
            if also is not None:
                also(photo)

        with self._bag.payload(record["path"]).open("rb") as file:
            ingest_photo(
                collection=Collection.objects.get(pk=UUID(record["collection"])),
                uploaded_by=self._imported_by,
                file=file,
                filename=record["filename"],
                folder=record["folder"],
                sha256=record["sha256"],
                description={name: record[name] for name in PHOTO_FIELDS} | {"tags": record["tags"]},
                photo_id=UUID(record["id"]),
                in_same_transaction=complete,
            )


class _People:
    """Accounts that stand for people of the archive that a bag came from: named, and closed for ever."""

    def __init__(self, bag: IncomingBag) -> None:
        self._at_home = bag.instance == instance_name()
        self._instance = bag.instance

    def __call__(self, username: str) -> User:
        """The account for that user name there. ValueError where it is none."""
        if self._at_home and (known := User.objects.filter(username=username).first()):
            return known
        longest = 150 - len(self._instance) - 1
        user, created = User.objects.get_or_create(
            username=f"{username[:longest]}@{self._instance}", defaults={"is_active": False}
        )
        if created:
            user.full_clean(exclude=["password"])
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user


@contextmanager
def _understood(record: dict[str, Any]) -> Iterator[None]:
    """Turns records that are not what they should be into a refusal that names them."""
    try:
        yield
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        ValidationError,
        Collection.DoesNotExist,
    ) as error:
        name = str(record.get("filename") or record.get("id") or "records")
        raise input_error("archive:bag:unreadable", file=name) from error
