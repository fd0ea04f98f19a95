"""What people say about photos: kept clean, every change written down with what was before."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from archive.description.changes import Description
from archive.errors import InputError
from archive.models import Collection, Photo, Tag
from archive.services import describe_photo, describe_photos, update_collection
from archive.services.description import MAX_PHOTOS_AT_ONCE
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def collection(owner: User) -> Collection:
    return make_collection(owner=owner)


@pytest.fixture
def photo(collection: Collection) -> Photo:
    return make_photo(collection=collection)


def changes_of(photo: Photo) -> list[dict]:
    events = photo.events.filter(kind="photo-described").order_by("created_at")
    return [event.details["changes"] for event in events]


def tags_of(photo: Photo) -> list[str]:
    return [tag.name for tag in photo.tags.all()]


class TestOnePhoto:
    def test_fields_tags_and_a_date_with_its_bounds(self, photo: Photo, owner: User) -> None:
        describe_photo(
            photo=photo,
            actor=owner,
            title="  Grandmother\tbefore\nthe house ",
            date_edtf="1965~",
            place="Bandung",
            notes="first line\r\n\r\n  second\x00 line  ",
            tags=["family", "House"],
        )
        photo.refresh_from_db()
        assert photo.title == "Grandmother before the house"
        assert (photo.date_earliest, photo.date_latest) == (date(1965, 1, 1), date(1965, 12, 31))
        assert photo.notes == "first line\n\n  second line"
        assert tags_of(photo) == ["family", "House"]

    def test_every_change_keeps_who_from_and_to(self, photo: Photo, owner: User) -> None:
        other = make_user("budi")
        describe_photo(photo=photo, actor=owner, title="A", tags=["house"])
        describe_photo(photo=photo, actor=other, title="B", place="", tags=["house", "garden"])
        assert changes_of(photo) == [
            {"title": {"from": "", "to": "A"}, "tags": {"from": [], "to": ["house"]}},
            {"title": {"from": "A", "to": "B"}, "tags": {"from": ["house"], "to": ["garden", "house"]}},
        ]
        last = photo.events.filter(kind="photo-described").latest("created_at")
        assert (last.actor, last.details["photo"]) == (other, str(photo.pk))

    def test_a_date_that_goes_takes_its_bounds_along(self, photo: Photo, owner: User) -> None:
        describe_photo(photo=photo, actor=owner, date_edtf="1965")
        describe_photo(photo=photo, actor=owner, date_edtf="")
        photo.refresh_from_db()
        assert (photo.date_edtf, photo.date_earliest, photo.date_latest) == ("", None, None)

    def test_where_nothing_is_different_nothing_is_written(self, photo: Photo, owner: User) -> None:
        describe_photo(photo=photo, actor=owner, title="A", tags=["House"])
        before = Photo.objects.get(pk=photo.pk).updated_at
        describe_photo(photo=photo, actor=owner, title=" A ", tags=["HOUSE"])
        assert len(changes_of(photo)) == 1
        assert Photo.objects.get(pk=photo.pk).updated_at == before

    def test_a_change_is_seen_in_the_time_of_the_last_change(self, photo: Photo, owner: User) -> None:
        before = photo.updated_at
        describe_photo(photo=photo, actor=owner, tags=["house"])
        assert photo.updated_at > before
        assert Photo.objects.get(pk=photo.pk).updated_at == photo.updated_at

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"title": "x" * 501}, "archive:description:too-long"),
            ({"date_edtf": "long ago"}, "archive:date:not-edtf"),
            ({"tags": ["a" * 101]}, "archive:description:bad-tag"),
            ({"tags": [" "]}, "archive:description:bad-tag"),
            ({"tags": ["a, b"]}, "archive:description:bad-tag"),
            ({"tags": [f"tag {n}" for n in range(101)]}, "archive:description:too-many-tags"),
        ],
    )
    def test_what_does_not_fit_is_refused_whole(
        self, photo: Photo, owner: User, fields: dict, code: str
    ) -> None:
        with pytest.raises(InputError) as refused:
            describe_photo(photo=photo, actor=owner, **{"place": "Bandung", **fields})
        assert refused.value.code == code
        photo.refresh_from_db()
        assert photo.place == ""
        assert changes_of(photo) == []

    def test_other_fields_are_not_description(self, photo: Photo, owner: User) -> None:
        with pytest.raises(TypeError):
            describe_photo(photo=photo, actor=owner, filename="x.jpg")


class TestTags:
    def test_one_word_is_one_tag_however_it_is_written(self, collection: Collection, owner: User) -> None:
        first, second = make_photo(collection=collection), make_photo(collection=collection)
        describe_photo(photo=first, actor=owner, tags=["Stra\u00dfe", "caf\u00e9"])
        describe_photo(photo=second, actor=owner, tags=["STRASSE", "cafe\u0301", "strasse"])
        assert Tag.objects.count() == 2
        assert tags_of(second) == ["caf\u00e9", "Stra\u00dfe"]


class TestSeveralPhotos:
    def test_fields_and_tags_of_all_of_them(self, collection: Collection, owner: User) -> None:
        photos = [make_photo(collection=collection) for _ in range(3)]
        describe_photo(photo=photos[0], actor=owner, place="Bandung", tags=["house", "old"], rights="?")
        changed = describe_photos(
            descriptions=dict.fromkeys(
                [photo.pk for photo in photos],
                Description(
                    fields={"place": "Bandung", "rights": ""}, add_tags=["House", "new"], remove_tags=["OLD"]
                ),
            ),
            actor=owner,
        )
        assert changed == {photo.pk for photo in photos}
        for photo in photos:
            photo.refresh_from_db()
            assert (photo.place, photo.rights, tags_of(photo)) == ("Bandung", "", ["house", "new"])
        assert changes_of(photos[0])[-1] == {
            "rights": {"from": "?", "to": ""},
            "tags": {"from": ["house", "old"], "to": ["house", "new"]},
        }

    def test_only_those_that_were_otherwise_are_changed(self, collection: Collection, owner: User) -> None:
        same, other = make_photo(collection=collection), make_photo(collection=collection)
        describe_photo(photo=same, actor=owner, place="Bandung")
        wanted = Description(fields={"place": "Bandung"})
        changed = describe_photos(descriptions={same.pk: wanted, other.pk: wanted}, actor=owner)
        assert changed == {other.pk}

    def test_each_in_its_own_way(self, collection: Collection, owner: User) -> None:
        first, second = make_photo(collection=collection), make_photo(collection=collection)
        describe_photos(
            descriptions={
                first.pk: Description(fields={"title": "A"}, tags=["house"]),
                second.pk: Description(fields={"date_edtf": "1965"}),
            },
            actor=owner,
        )
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.title, first.date_edtf, tags_of(first)) == ("A", "", ["house"])
        assert (second.title, second.date_latest, tags_of(second)) == ("", date(1965, 12, 31), [])

    def test_all_or_none(self, collection: Collection, owner: User) -> None:
        plain, full = make_photo(collection=collection), make_photo(collection=collection)
        describe_photo(photo=full, actor=owner, tags=[f"tag {n}" for n in range(100)])
        wanted = Description(fields={}, add_tags=["one more"])
        with pytest.raises(InputError) as refused:
            describe_photos(descriptions={plain.pk: wanted, full.pk: wanted}, actor=owner)
        assert refused.value.code == "archive:description:too-many-tags"
        assert tags_of(plain) == []

    def test_no_more_than_the_limit(self, owner: User) -> None:
        wanted = Description(fields={"place": "Bandung"})
        with pytest.raises(InputError) as refused:
            describe_photos(
                descriptions=dict.fromkeys((uuid4() for _ in range(MAX_PHOTOS_AT_ONCE + 1)), wanted),
                actor=owner,
            )
        assert refused.value.code == "archive:description:too-many-photos"

    def test_the_queries_do_not_grow_with_the_photos(
        self, collection: Collection, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        photos = [make_photo(collection=collection) for _ in range(6)]
        wanted = Description(fields={"place": "Bandung", "date_edtf": "1965"}, add_tags=["house", "garden"])
        with django_assert_max_num_queries(16):
            describe_photos(descriptions={photo.pk: wanted for photo in photos}, actor=owner)


def test_collections_are_described_by_the_same_rules(collection: Collection, owner: User) -> None:
    with pytest.raises(InputError):
        update_collection(collection=collection, actor=owner, creator="x" * 301)
