"""Who sees, reviews, curates, owns and downloads what: every visitor, every question, on collections and
photos, held here or further up in the tree.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from archive.access.roles import Role
from archive.access.visitors import Guest, Visitor, limit_to_collections
from archive.models import Collection, Membership, Photo
from archive.querysets.visible import CollectionQuerySet, PhotoQuerySet
from archive.services import add_member, create_share_link, publish_collection, revoke_share_link
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

# Who -> (sees, reviews, curates, owns, downloads)
NOTHING = (False, False, False, False, False)
LOOKS = (True, False, False, False, False)
MATRIX = {
    "owner": (True, True, True, True, True),
    "another owner": (True, True, True, True, True),
    "curator": (True, True, True, False, True),
    "reviewer": (True, True, False, False, True),
    "viewer": (True, False, False, False, True),
    "stranger": NOTHING,
    "curator of another collection": NOTHING,
    "curator of a part": NOTHING,
    "former member": NOTHING,
    "staff": NOTHING,
    "superuser": NOTHING,
    "anonymous": NOTHING,
    "guest": NOTHING,
    "guest with a link": LOOKS,
    "guest with a link and downloads": (True, False, False, False, True),
    "guest with a link to another collection": NOTHING,
    "guest with a link to a part": NOTHING,
    "guest with a link that has ended": NOTHING,
    "guest with a revoked link": NOTHING,
    "guest with an invented link": NOTHING,
    "viewer, by a token for here": (True, False, False, False, True),
    "owner, by a token for elsewhere": NOTHING,
    "owner, by a token for nothing any more": NOTHING,
}


@pytest.fixture
def collection() -> Collection:
    return make_photo().collection


def part_of(collection: Collection) -> Collection:
    """Something two levels further down, with a photo."""
    series = make_collection(owner=collection.owner, parent=collection)
    return make_photo(collection=make_collection(owner=collection.owner, parent=series)).collection


@pytest.fixture
def person(collection: Collection) -> Callable[[str], Visitor]:
    def member(role: Role, *, of: Collection = collection) -> User:
        return add_member(collection=of, user=make_user(), role=role).user

    def former_member() -> User:
        user = member(Role.CURATOR)
        Membership.objects.get(user=user).delete()
        return user

    def guest(*, days: int = 1, of: Collection = collection, revoked: bool = False, **fields: Any) -> Guest:
        ends = timezone.now() + timedelta(days=1)
        link, _key = create_share_link(collection=of, actor=of.owner, expires_at=ends, **fields)
        if days < 0:
            type(link).objects.update(expires_at=timezone.now() + timedelta(days=days))
        if revoked:
            revoke_share_link(link=link, actor=of.owner)
        return Guest([link.pk])

    def limited(user: User, *collections: Collection) -> User:
        limit_to_collections(user, [each.pk for each in collections])
        return user

    makers: dict[str, Callable[[], Visitor]] = {
        "owner": lambda: collection.owner,
        "another owner": lambda: member(Role.OWNER),
        "curator": lambda: member(Role.CURATOR),
        "reviewer": lambda: member(Role.REVIEWER),
        "viewer": lambda: member(Role.VIEWER),
        "stranger": make_user,
        "curator of another collection": lambda: make_photo().collection.owner,
        "curator of a part": lambda: member(Role.CURATOR, of=part_of(collection)),
        "former member": former_member,
        "staff": lambda: make_user(is_staff=True),
        "superuser": lambda: make_user(is_staff=True, is_superuser=True),
        "anonymous": AnonymousUser,
        "guest": Guest,
        "guest with a link": guest,
        "guest with a link and downloads": lambda: guest(with_downloads=True),
        "guest with a link to another collection": lambda: guest(of=make_collection(), with_downloads=True),
        "guest with a link to a part": lambda: guest(of=part_of(collection), with_downloads=True),
        "guest with a link that has ended": lambda: guest(days=-1),
        "guest with a revoked link": lambda: guest(revoked=True),
        "guest with an invented link": lambda: Guest([uuid4()]),
        "viewer, by a token for here": lambda: limited(member(Role.VIEWER), collection),
        "owner, by a token for elsewhere": lambda: limited(collection.owner, make_collection()),
        "owner, by a token for nothing any more": lambda: limited(collection.owner),
    }
    assert set(makers) == set(MATRIX)
    return lambda who: makers[who]()


def answers(rows: CollectionQuerySet | PhotoQuerySet, visitor: Visitor) -> tuple[bool, ...]:
    asked: tuple[Any, ...] = (
        rows.visible_to(visitor),
        rows.reviewable_by(visitor),
        rows.curated_by(visitor),
        rows.owned_by(visitor),
        rows.downloadable_by(visitor),
    )
    return tuple(row_set.exists() for row_set in asked)


@pytest.mark.parametrize("who", MATRIX)
def test_collections_and_photos_here_and_below(
    collection: Collection, person: Callable[[str], Visitor], who: str
) -> None:
    visitor = person(who)
    below = part_of(collection)
    for asked in (collection, below):
        assert answers(Collection.objects.filter(pk=asked.pk), visitor) == MATRIX[who]
        assert answers(Photo.objects.filter(collection=asked), visitor) == MATRIX[who]


def test_a_role_does_not_reach_up(collection: Collection) -> None:
    below = part_of(collection)
    curator = add_member(collection=below, user=make_user(), role=Role.CURATOR).user
    assert list(Collection.objects.visible_to(curator)) == [below]
    assert Photo.objects.curated_by(curator).count() == 1


@pytest.mark.parametrize("who", ["guest", "guest with a link", "stranger", "anonymous", "viewer"])
def test_a_public_collection_is_for_guests_to_look_at(
    collection: Collection, person: Callable[[str], Visitor], who: str
) -> None:
    """Public changes nothing for members' pages, which know no guests: nobody sees more there."""
    visitor = person(who)
    below = part_of(collection)
    for downloads in (False, True):
        publish_collection(
            collection=collection, actor=collection.owner, is_public=True, public_downloads=downloads
        )
        expected = (*LOOKS[:4], downloads) if isinstance(visitor, Guest) else MATRIX[who]
        for asked in (collection, below):
            assert answers(Photo.objects.filter(collection=asked), visitor) == expected
    publish_collection(collection=collection, actor=collection.owner, is_public=False, public_downloads=True)
    assert answers(Photo.objects.filter(collection=below), visitor) == MATRIX[who]


def test_what_is_in_the_bin_is_nobodys_to_see(collection: Collection) -> None:
    below = part_of(collection)
    publish_collection(collection=collection, actor=collection.owner, is_public=True)
    for visitor in (collection.owner, Guest()):
        Collection.objects.update(deleted_at=None)
        Photo.objects.filter(collection=below).update(deleted_at=timezone.now())
        assert answers(Photo.objects.filter(collection=below), visitor) == NOTHING
        Photo.objects.update(deleted_at=None)
        Collection.objects.filter(pk=collection.pk).update(deleted_at=timezone.now())
        for asked in (collection, below):
            assert answers(Collection.objects.filter(pk=asked.pk), visitor) == NOTHING
            assert answers(Photo.objects.filter(collection=asked), visitor) == NOTHING


def test_same_original_in_a_strangers_collection_opens_nothing(collection: Collection) -> None:
    photo = collection.photos.get()
    stranger = make_user()
    other = make_collection(owner=stranger)
    twin = Photo.objects.create(
        collection=other, original=photo.original, filename="twin.png", uploaded_by=stranger
    )
    assert list(Photo.objects.visible_to(stranger)) == [twin]


def test_nothing_comes_twice_however_many_roles_and_links_there_are(collection: Collection) -> None:
    below = part_of(collection)
    somebody = make_user()
    for where in (collection, below):
        for role in Role:
            add_member(collection=where, user=make_user(), role=role)
        add_member(collection=where, user=somebody, role=Role.CURATOR)
    ends = timezone.now() + timedelta(days=1)
    links = [
        create_share_link(collection=where, actor=collection.owner, expires_at=ends)[0].pk
        for where in (collection, below, collection)
    ]
    publish_collection(collection=collection, actor=collection.owner, is_public=True)
    for visitor in (collection.owner, somebody, Guest(links)):
        assert Collection.objects.visible_to(visitor).count() == 3
        assert Photo.objects.visible_to(visitor).count() == 2


def test_a_look_costs_one_query(
    collection: Collection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_photo(collection=collection)
    below = part_of(collection)
    publish_collection(collection=collection, actor=collection.owner, is_public=True)
    for visitor in (collection.owner, Guest([uuid4()])):
        with django_assert_num_queries(1):
            assert len(Photo.objects.visible_to(visitor)) == 5
        with django_assert_num_queries(1):
            assert below in Collection.objects.visible_to(visitor)
    with django_assert_num_queries(0):
        assert not Collection.objects.visible_to(AnonymousUser())


def test_the_person_responsible_stays_owner(collection: Collection) -> None:
    membership = add_member(collection=collection, user=collection.owner, role=Role.VIEWER)
    assert membership.role == Role.OWNER
    assert collection.memberships.count() == 1


def test_a_members_new_role_takes_the_place_of_the_old_one(collection: Collection) -> None:
    user = make_user()
    add_member(collection=collection, user=user, role=Role.CURATOR)
    add_member(collection=collection, user=user, role=Role.VIEWER)
    assert not Collection.objects.curated_by(user).exists()
    assert collection.memberships.filter(user=user).count() == 1
