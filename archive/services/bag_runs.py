"""The import of a bag that was sent, photo by photo, as a run with what became of each."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from archive.bags.incoming import IncomingBag
from archive.errors import InputError
from archive.messages import input_error
from archive.models import Collection, ImportItem, ImportRun, Photo
from archive.services.bag_import import BagImportReport, BagPhotos, record_bag_import, take_bag_collections
from archive.services.imports import end_import, hold_import, record_item


@transaction.atomic
def begin_bag_run(*, run: ImportRun, bag: IncomingBag) -> list[Collection]:
    """The uppermost collections of the bag, made now or by an earlier turn; the run is theirs from now on.

    Raises InputError as `take_bag_collections` does.
    """
    # From the second turn on the collections are there, and where they stand is not asked again.
    collections = take_bag_collections(bag=bag, owner=run.started_by, parent=run.collection)
    run.total = bag.photo_count
    if run.collection is None and collections:
        run.collection = collections[0]
    run.save(update_fields=["total", "collection"])
    return collections


def take_bag_photo(*, run: ImportRun, photos: BagPhotos, record: dict[str, Any], path: str) -> ImportItem:
    """Take one photo of a bag, whose record it is, or write down why not.

    Raises whatever is not the photo's fault; then nothing was written, and it can be tried again.
    """
    given_up = hold_import(run=run, path=path)
    items: list[ImportItem] = []

    def keep(photo: Photo) -> None:
        items.append(record_item(run=run, path=path, outcome=ImportItem.Outcome.TAKEN, photo_id=photo.pk))

    try:
        if given_up:
            raise input_error("archive:import:given-up")
        taken = photos.take(record, in_same_transaction=keep)
    except InputError as error:
        return record_item(run=run, path=path, outcome=ImportItem.Outcome.REFUSED, error=error)
    if taken:
        return items[0]
    return record_item(run=run, path=path, outcome=ImportItem.Outcome.PRESENT, photo_id=record["id"])


def end_bag_run(*, run: ImportRun, bag: IncomingBag, collections: list[Collection]) -> None:
    """Every photo has its word: write down that the bag has come in, and end the run."""
    taken = run.items.filter(outcome=ImportItem.Outcome.TAKEN).count()
    report = BagImportReport(collections=collections, taken=taken)
    end_import(
        run=run,
        in_same_transaction=lambda: record_bag_import(bag=bag, imported_by=run.started_by, report=report),
    )
