"""The catalogue follows the photos, whoever writes them and however."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from archive.finding.backends import backend_of
from archive.finding.keeping import drop_triggers, missing_triggers, rebuild_catalogue
from archive.finding.questions import read_question
from archive.models import CatalogueEntry, Photo, Tag
from restoration.keeping.catalogue import restoration_triggers
from restoration.keeping.listing import listing_triggers
from restoration.models import Restoration
from restoration.services import review_restoration
from tests.factories import make_collection, make_photo, make_restoration

pytestmark = pytest.mark.django_db


def found(text: str) -> set[str]:
    entries = CatalogueEntry.objects.about(read_question(text))
    return {str(entry.photo) for entry in entries.select_related("photo")}


def words_kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM archive_words")
        return int(cursor.fetchone()[0])


def test_all_triggers_are_there() -> None:
    assert missing_triggers() == set()


def test_a_new_photo_is_entered_as_it_is() -> None:
    photo = make_photo(filename="Nenek di Solo.PNG")
    entry = CatalogueEntry.objects.get()
    assert (entry.photo, entry.collection, entry.uploaded_by) == (photo, photo.collection, photo.uploaded_by)
    assert (entry.media_type, entry.added_at) == ("image/png", photo.created_at)
    assert entry.name_key == "nenek di solo.png"
    assert (entry.first_day, entry.last_day) == (datetime.date(9999, 12, 31), datetime.date(1, 1, 1))
    assert (entry.state, entry.damage_level, entry.share_damaged, entry.invention) == ("none", "", -1, -1)


def test_an_update_by_sql_alone_is_followed() -> None:
    photo = make_photo(filename="a.png")
    elsewhere = make_collection()
    Photo.objects.filter(pk=photo.pk).update(
        title="Wedding", date_earliest=datetime.date(1930, 1, 1), collection=elsewhere
    )
    entry = CatalogueEntry.objects.get()
    assert (entry.name_key, entry.collection) == ("wedding", elsewhere)
    # Open on one side reaches as far as days do.
    assert (entry.first_day, entry.last_day) == (datetime.date(1930, 1, 1), datetime.date(9999, 12, 31))
    assert found("wedd") == {"Wedding"}


def test_photos_made_in_bulk_are_entered() -> None:
    photo = make_photo()
    elsewhere = make_collection()
    rows = [
        Photo(
            collection=collection, original=photo.original, filename="copy.png", uploaded_by=photo.uploaded_by
        )
        for collection in (elsewhere, make_collection())
    ]
    Photo.objects.bulk_create(rows)
    assert CatalogueEntry.objects.count() == words_kept() == 3
    assert found("copy") == {"copy.png"}


def test_what_goes_into_the_bin_leaves_and_comes_back_with_its_state() -> None:
    photo = make_restoration(status=Restoration.Status.FAILED).photo
    Photo.objects.filter(pk=photo.pk).update(deleted_at=timezone.now())
    assert (CatalogueEntry.objects.count(), words_kept()) == (0, 0)
    Photo.objects.filter(pk=photo.pk).update(deleted_at=None)
    assert CatalogueEntry.objects.get().state == "failed"
    assert found("photo") == {"photo.png"}


def test_a_deleted_photo_takes_its_words_along() -> None:
    photo = make_photo()
    Photo.objects.filter(pk=photo.pk).delete()
    assert (CatalogueEntry.objects.count(), words_kept()) == (0, 0)


def test_tags_are_found_until_they_are_taken_away_and_under_their_new_name() -> None:
    photo, other = make_photo(filename="one.png"), make_photo(filename="two.png")
    keraton = Tag.objects.create(name="Keraton")
    photo.tags.add(keraton)
    other.tags.add(keraton, Tag.objects.create(name="Pasar"))
    assert found("keraton") == {"one.png", "two.png"}
    other.tags.remove(keraton)
    assert found("keraton") == {"one.png"}
    Tag.objects.filter(pk=keraton.pk).update(name="Istana")
    assert (found("keraton"), found("istana"), found("pasar")) == (set(), {"one.png"}, {"two.png"})


def test_the_newest_restoration_gives_the_state() -> None:
    photo = make_photo()
    first = make_restoration(
        photo=photo, outcome={"share_damaged": 0.25, "invention": 2.5, "change_report": {"level": "heavy"}}
    )
    entry = CatalogueEntry.objects.get()
    assert (entry.state, entry.damage_level, entry.share_damaged) == ("unreviewed", "heavy", 0.25)
    review_restoration(restoration=first, reviewer=photo.collection.owner, decision="approved")
    entry.refresh_from_db()
    assert (entry.state, entry.invention) == ("approved", 2.5)
    second = make_restoration(photo=photo, status=Restoration.Status.QUEUED)
    entry.refresh_from_db()
    assert (entry.state, entry.damage_level, entry.share_damaged) == ("queued", "", -1)
    second.delete()
    entry.refresh_from_db()
    assert entry.state == "approved"


def test_made_anew_it_is_the_same() -> None:
    photos = [make_restoration().photo, make_photo(), make_photo()]
    Photo.objects.filter(pk=photos[1].pk).update(deleted_at=timezone.now())
    fields = [field.name for field in CatalogueEntry._meta.fields if field.name != "id"]
    before = list(CatalogueEntry.objects.order_by("photo").values(*fields))
    assert rebuild_catalogue() == 2
    assert list(CatalogueEntry.objects.order_by("photo").values(*fields)) == before
    assert words_kept() == 2


def test_a_migration_brings_lost_triggers_back_and_finds_what_they_missed() -> None:
    drop_triggers()
    of_restorations = [*restoration_triggers(connection.vendor), *listing_triggers()]
    assert len(missing_triggers()) == len(backend_of("default").triggers()) + len(of_restorations)
    make_photo(filename="missed.png")
    assert CatalogueEntry.objects.count() == 0
    call_command("migrate", verbosity=0)
    assert missing_triggers() == set()
    assert found("missed") == {"missed.png"}
