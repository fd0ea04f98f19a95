"""Who sees, reviews and curates what: every role, every question, on collections and on photos."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from pytest_django import DjangoAssertNumQueries

from archive.models import Collection, Membership, Photo
from archive.querysets import CollectionQuerySet, PhotoQuerySet
from archive.services import add_member
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

Role = Membership.Role

# Who -> (sees, reviews, curates)
MATRIX = {
    "owner": (True, True, True),
    "curator": (True, True, True),
    "reviewer": (True, True, False),
    "viewer": (True, False, False),
    "stranger": (False, False, False),
    "curator of another collection": (False, False, False),
    "former member": (False, False, False),
    "staff": (False, False, False),
    "superuser": (False, False, False),
    "anonymous": (False, False, False),
}


@pytest.fixture
def collection() -> Collection:
    return make_photo().collection


@pytest.fixture
def person(collection: Collection) -> Callable[[str], User | AnonymousUser]:
    def member(role: Membership.Role) -> User:
        return add_member(collection=collection, user=make_user(), role=role).user

    def former_member() -> User:
        user = member(Role.CURATOR)
        Membership.objects.get(user=user).delete()
        return user

    makers: dict[str, Callable[[], User | AnonymousUser]] = {
        "owner": lambda: collection.owner,
        "curator": lambda: member(Role.CURATOR),
        "reviewer": lambda: member(Role.REVIEWER),
        "viewer": lambda: member(Role.VIEWER),
        "stranger": make_user,
        "curator of another collection": lambda: make_photo().collection.owner,
        "former member": former_member,
        "staff": lambda: make_user(is_staff=True),
        "superuser": lambda: make_user(is_staff=True, is_superuser=True),
        "anonymous": AnonymousUser,
    }
    assert set(makers) == set(MATRIX)
    return lambda who: makers[who]()


def answers(rows: CollectionQuerySet | PhotoQuerySet, user: User | AnonymousUser) -> tuple[bool, ...]:
    asked: tuple[Any, ...] = (rows.visible_to(user), rows.reviewable_by(user), rows.curated_by(user))
    return tuple(row_set.exists() for row_set in asked)


@pytest.mark.parametrize("who", MATRIX)
def test_collections(collection: Collection, person: Callable[[str], User | AnonymousUser], who: str) -> None:
    user = person(who)
    assert answers(Collection.objects.filter(pk=collection.pk), user) == MATRIX[who]


@pytest.mark.parametrize("who", MATRIX)
def test_photos(collection: Collection, person: Callable[[str], User | AnonymousUser], who: str) -> None:
    user = person(who)
    assert answers(Photo.objects.filter(collection=collection), user) == MATRIX[who]


def test_same_original_in_a_strangers_collection_opens_nothing(collection: Collection) -> None:
    photo = collection.photos.get()
    stranger = make_user()
    other = make_collection(owner=stranger)
    twin = Photo.objects.create(
        collection=other, original=photo.original, filename="twin.png", uploaded_by=stranger
    )
    assert list(Photo.objects.visible_to(stranger)) == [twin]


def test_nothing_comes_twice_however_many_members_there_are(collection: Collection) -> None:
    for role in Role:
        add_member(collection=collection, user=make_user(), role=role)
    assert list(Collection.objects.visible_to(collection.owner)) == [collection]
    assert Photo.objects.visible_to(collection.owner).count() == 1


def test_a_look_costs_one_query(
    collection: Collection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        make_photo(collection=collection)
    with django_assert_num_queries(1):
        assert len(Photo.objects.visible_to(collection.owner)) == 5
    with django_assert_num_queries(1):
        assert len(Collection.objects.visible_to(collection.owner)) == 1
    with django_assert_num_queries(0):
        assert not Collection.objects.visible_to(AnonymousUser())


def test_owner_cannot_be_made_less_than_curator(collection: Collection) -> None:
    membership = add_member(collection=collection, user=collection.owner, role=Role.VIEWER)
    assert membership.role == Role.CURATOR
    assert collection.memberships.count() == 1


def test_a_members_new_role_takes_the_place_of_the_old_one(collection: Collection) -> None:
    user = make_user()
    add_member(collection=collection, user=user, role=Role.CURATOR)
    add_member(collection=collection, user=user, role=Role.VIEWER)
    assert not Collection.objects.curated_by(user).exists()
    assert collection.memberships.filter(user=user).count() == 1
