"""What the database itself refuses, whoever writes to it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from archive.errors import InputError
from archive.models import Collection, Event, Membership, Original, Photo, Rendition
from archive.services import EventKind, create_collection, record_event, update_collection
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

SHA256 = "0f" * 32


def original(**fields: Any) -> Original:
    return Original.objects.create(
        **{"sha256": SHA256, "byte_size": 1, "media_type": "image/png", "width": 1, "height": 1, **fields}
    )


@pytest.mark.parametrize("fields", [{"byte_size": 0}, {"width": 0}, {"height": 0}], ids=str)
def test_original_without_content(fields: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        original(**fields)


def test_original_twice() -> None:
    original()
    with pytest.raises(IntegrityError):
        original()


def test_photo_twice_in_a_collection() -> None:
    photo = make_photo()
    with pytest.raises(IntegrityError):
        Photo.objects.create(
            collection=photo.collection, original=photo.original, filename="x", uploaded_by=photo.uploaded_by
        )


def test_rendition_twice_of_a_kind() -> None:
    rendition = make_photo().original.renditions.first()
    assert rendition is not None
    with pytest.raises(IntegrityError):
        Rendition.objects.create(
            original=rendition.original, kind=rendition.kind, width=1, height=1, byte_size=1
        )


def test_member_twice_and_unknown_role() -> None:
    collection = make_collection()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(collection=collection, user=collection.owner, role=Membership.Role.VIEWER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(collection=collection, user=make_user(), role="king")


def test_original_that_a_photo_shows_stays() -> None:
    with pytest.raises(ProtectedError):
        make_photo().original.delete()


def test_person_with_a_history_stays() -> None:
    photo = make_photo()
    with pytest.raises(ProtectedError):
        photo.uploaded_by.delete()


def test_event_is_never_changed() -> None:
    event = record_event(collection=make_collection(), kind="looked-at")
    event.kind = "never happened"
    with pytest.raises(TypeError, match="never changed"):
        event.save()
    assert Event.objects.get(pk=event.pk).kind == "looked-at"


def test_event_outlives_its_photo() -> None:
    photo = make_photo()
    event = record_event(collection=photo.collection, kind="looked-at", photo=photo, details={"by": "eye"})
    key = photo.pk
    photo.delete()
    event = Event.objects.get(pk=event.pk)
    assert (event.photo_id, event.details) == (key, {"by": "eye"})


def test_new_collection_has_its_owner_and_its_first_event() -> None:
    owner = make_user()
    collection = create_collection(owner=owner, title="Family", description="Box 4", auto_restore=False)
    membership = collection.memberships.get()
    assert (membership.user, membership.role) == (owner, Membership.Role.OWNER)
    event = collection.events.get()
    assert (event.kind, event.actor, event.details) == (
        EventKind.COLLECTION_CREATED,
        owner,
        {"title": "Family", "level": "fonds", "parent": None},
    )
    assert (collection.description, collection.auto_restore) == ("Box 4", False)


def test_collection_needs_a_title() -> None:
    with pytest.raises(ValidationError) as refused:
        create_collection(owner=make_user(), title="")
    assert list(refused.value.message_dict) == ["title"]
    assert not Collection.objects.exists()


def test_collections_title_has_an_end() -> None:
    with pytest.raises(InputError, match="title: at most 200 characters"):
        create_collection(owner=make_user(), title="x" * 201)
    assert not Collection.objects.exists()


def test_every_row_has_a_name_for_people() -> None:
    photo = make_photo(filename="elm.png")
    membership = photo.collection.memberships.get()
    rendition = photo.original.renditions.get(kind=Rendition.Kind.WEB)
    event = photo.events.get()
    assert str(photo) == "elm.png"
    photo.title = "The elm"
    assert str(photo) == "The elm"
    assert str(photo.collection) == photo.collection.title
    assert str(membership) == f"{photo.collection.owner} · owner"
    assert str(rendition) == f"{photo.original.sha256[:12]} · web"
    assert str(event).startswith("photo-ingested · ")


def test_changed_collection_says_what_was_changed_and_by_whom() -> None:
    collection = make_collection(title="Family")
    actor = make_user()
    update_collection(collection=collection, actor=actor, title="The family", auto_restore=False)
    collection.refresh_from_db()
    assert (collection.title, collection.auto_restore) == ("The family", False)
    event = collection.events.get(kind=EventKind.COLLECTION_CHANGED)
    assert (event.actor, event.details) == (
        actor,
        {
            "changes": {
                "title": {"from": "Family", "to": "The family"},
                "auto_restore": {"from": True, "to": False},
            }
        },
    )


@pytest.mark.parametrize(
    ("changes", "error"), [({"title": ""}, ValidationError), ({"owner": None}, TypeError)], ids=str
)
def test_change_that_is_refused_changes_nothing(changes: dict[str, Any], error: type[Exception]) -> None:
    collection = make_collection(title="Family")
    with pytest.raises(error):
        update_collection(collection=collection, actor=collection.owner, **changes)
    collection.refresh_from_db()
    assert collection.title == "Family"
    assert not collection.events.filter(kind=EventKind.COLLECTION_CHANGED).exists()
