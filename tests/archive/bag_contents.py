"""An archive worth to be taken along, and what must be the same wherever it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.events.records import event_records
from archive.models import Collection, Event, Photo
from archive.services import create_collection, describe_photo
from restoration.keeping.records import restoration_record
from restoration.models import Restoration
from restoration.services import review_restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user


def make_fonds(owner_name: str = "siti") -> Collection:
    """A fonds with a series in it, three photos, and restorations approved, rejected and unreviewed."""
    owner = make_user(owner_name)
    fonds = make_collection(
        owner=owner,
        title="Estate: Wiryo/Sastro",
        call_number="A 1",
        date_edtf="1920/1949~",
        auto_restore=False,
    )
    series = create_collection(owner=owner, parent=fonds, title="Album “3”", rights="CC BY 4.0")
    first = make_photo(collection=fonds, filename="Bibi Sri.png")
    second = make_photo(collection=series, filename="Bibi Sri.png")
    make_photo(collection=series, filename="con.png")
    describe_photo(
        photo=first,
        actor=owner,
        title="=Bibi Sri, 60% of her",
        date_edtf="1921~",
        place="Garut",
        notes="on the back:\n  “Sri”",
        tags=["family", "Keluarga"],
    )
    for photo, decision in ((first, "approved"), (first, "approved"), (second, "rejected"), (second, "")):
        restoration = make_restoration(photo=photo, requested_by=owner, thorough=decision == "approved")
        if decision:
            review_restoration(
                restoration=restoration, reviewer=owner, decision=decision, comment=f"{decision}!"
            )
    return fonds


@dataclass(frozen=True)
class Facts:
    """What a bag must carry over."""

    collections: list[tuple[Any, ...]]
    photos: list[tuple[Any, ...]]
    restorations: list[dict[str, Any]]
    events: list[dict[str, Any]]


def facts() -> Facts:
    """What the archive holds, of what came with a bag or would go with one; names as they were at home."""
    return Facts(
        collections=[
            (
                each.pk,
                each.parent_id,
                each.level,
                each.title,
                each.call_number,
                each.date_edtf,
                each.date_earliest,
                each.rights,
                each.auto_restore,
                each.created_at,
            )
            for each in Collection.objects.order_by("title")
        ],
        photos=[_photo(each) for each in Photo.objects.order_by("pk").prefetch_related("tags")],
        restorations=[
            _at_home(restoration_record(each))
            for each in Restoration.objects.filter(review_state="approved").order_by("pk")
        ],
        events=[_event(record) for record in event_records(Event.objects.all()) if _from_home(record)],
    )


def _photo(photo: Photo) -> tuple[Any, ...]:
    described = (photo.title, photo.date_edtf, photo.date_earliest, photo.place, photo.notes)
    original = photo.original
    return (
        photo.pk,
        photo.collection_id,
        photo.filename,
        photo.folder,
        *described,
        sorted(tag.name for tag in photo.tags.all()),
        _name(photo.uploaded_by.get_username()),
        photo.created_at,
        (original.sha256, original.byte_size, original.media_type, original.width, original.height),
    )


def _event(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it was at home."""
    return {name: (record["origin"] or record)[name] for name in record}


def _from_home(record: dict[str, Any]) -> bool:
    """Leaves out what an import adds to the history."""
    return record["origin"] is not None or not Event.objects.filter(origin__isnull=False).exists()


def _at_home(record: dict[str, Any]) -> dict[str, Any]:
    reviews = [review | {"reviewer": _name(review["reviewer"])} for review in record["reviews"]]
    return record | {"requested_by": _name(record["requested_by"]), "reviews": reviews}


def _name(username: str) -> str:
    return username.partition("@")[0]
