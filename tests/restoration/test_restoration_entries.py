"""What restorations are listed and counted by follows them, their photos and reviews, whoever writes them."""

import pytest
from django.db import connection
from django.utils import timezone

from archive.finding.keeping import rebuild_catalogue
from archive.models import Photo
from restoration.models import Restoration, RestorationEntry, Review
from restoration.querysets import RESTORATION_ORDERS, RESTORATION_STATES
from restoration.reviewing.figures import review_figures
from restoration.services import cancel_restoration, review_restoration, undo_reviews
from tests.factories import make_collection, make_photo, make_restoration
from tests.query_plans import assert_found_by

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, CANCELLED = Restoration.Status


def entry_of(restoration: Restoration) -> RestorationEntry:
    return RestorationEntry.objects.get(restoration=restoration)


def test_an_entry_says_what_its_restoration_does() -> None:
    done = make_restoration(outcome={"invention": 2.5, "share_damaged": 0.25})
    entry = entry_of(done)
    assert (entry.collection_id, entry.model_version_id) == (done.photo.collection_id, done.model_version_id)
    assert (entry.state, entry.reason, entry.requested_at) == ("unreviewed", "", done.requested_at)
    assert (entry.invention, entry.share_damaged) == (2.5, 0.25)
    assert entry_of(make_restoration(status=FAILED)).state == "failed"
    queued = make_restoration(status=QUEUED)
    assert (entry_of(queued).state, entry_of(queued).model_version_id) == ("queued", None)
    cancel_restoration(restoration=queued, actor=queued.photo.uploaded_by)
    assert entry_of(queued).state == "cancelled"


def test_it_follows_the_reviews() -> None:
    done = make_restoration()
    owner = done.photo.uploaded_by
    review_restoration(restoration=done, reviewer=owner, decision="rejected", reason="seams")
    assert (entry_of(done).state, entry_of(done).reason) == ("rejected", "seams")
    Review.objects.update(reason="tones")
    assert entry_of(done).reason == "tones"
    review_restoration(restoration=done, reviewer=owner, decision="rejected")
    assert entry_of(done).reason == ""
    undo_reviews(restorations=[done.pk], actor=owner)
    assert entry_of(done).state == "unreviewed"
    Review.objects.exclude(reason="tones").delete()
    assert entry_of(done).reason == "tones"


def test_it_follows_rows_that_are_written_by_sql_alone() -> None:
    done, elsewhere = make_restoration(), make_photo()
    copy = Restoration(photo=done.photo, original_sha256="a" * 64, status=CANCELLED)
    Restoration.objects.bulk_create([copy])
    assert entry_of(copy).state == "cancelled"
    Restoration.objects.filter(pk=copy.pk).update(status=FAILED, error_code="restoration:engine:timeout")
    assert entry_of(copy).state == "failed"
    Restoration.objects.filter(pk=copy.pk).update(photo=elsewhere)
    assert entry_of(copy).collection_id == elsewhere.collection_id
    home = make_collection()
    Photo.objects.filter(pk=done.photo_id).update(collection=home)
    assert entry_of(done).collection_id == home.pk
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM restoration_restoration")
    assert not RestorationEntry.objects.exists()


def test_what_is_in_the_bin_is_in_no_collection_until_it_comes_back() -> None:
    done = make_restoration()
    Photo.objects.filter(pk=done.photo_id).update(deleted_at=timezone.now())
    assert entry_of(done).collection_id is None
    assert review_figures(done.photo.collection.owner, done.photo.collection) == []
    Photo.objects.filter(pk=done.photo_id).update(deleted_at=None)
    assert entry_of(done).collection_id == done.photo.collection_id


def test_made_anew_they_are_the_same() -> None:
    rejected, binned = make_restoration(), make_restoration()
    make_restoration(photo=rejected.photo, status=RUNNING)
    for _ in range(2):
        owner = rejected.photo.uploaded_by
        review_restoration(restoration=rejected, reviewer=owner, decision="rejected", reason="seams")
    Photo.objects.filter(pk=binned.photo_id).update(deleted_at=timezone.now())
    before = list(RestorationEntry.objects.order_by("pk").values())
    assert [each["reason"] for each in before].count("seams") == 1
    RestorationEntry.objects.all().delete()
    rebuild_catalogue()
    assert list(RestorationEntry.objects.order_by("pk").values()) == before


def test_a_list_and_the_counts_are_looks_at_an_index() -> None:
    restoration = make_restoration()
    collection = restoration.photo.collection
    for order in RESTORATION_ORDERS:
        entries = RestorationEntry.objects.of_collection(collection).in_order(order)
        assert_found_by("restorations_", entries[:50])
    newest = RestorationEntry.objects.of_collection(collection).in_order("-requested_at")[:50]
    assert_found_by("restorations_newest", newest)
    for state in RESTORATION_STATES:
        of_state = RestorationEntry.objects.of_collection(collection, state=state)
        assert_found_by("restorations_", of_state.in_order("-requested_at")[:50])


def test_the_index_of_counts_has_all_that_is_ordered_by() -> None:
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, RestorationEntry._meta.db_table)
    columns = {field.column for field in RestorationEntry._meta.fields}
    assert set(indexes["restorations_counted"]["columns"]) == columns
