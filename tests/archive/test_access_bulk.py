"""What names many photos at once reaches those of one's own, and leaves all others as they are."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Collection, MetadataImport, Photo
from archive.queue.description_tasks import continue_metadata
from archive.services import add_member
from tests.factories import make_collection, make_photo, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine() -> Photo:
    return make_photo(filename="mine.png")


@pytest.fixture
def others(mine) -> dict[str, Photo]:
    """Photos that the owner of `mine` may not change: one that he sees as a reviewer, and one unseen."""
    curator = mine.collection.owner
    seen, unseen = make_photo(filename="seen.png"), make_photo(filename="unseen.png")
    add_member(collection=seen.collection, user=curator, role=Role.REVIEWER)
    return {"seen": seen, "unseen": unseen}


@pytest.fixture
def browser(client, mine):
    client.force_login(mine.collection.owner)
    return client


def described() -> set[str]:
    return set(Photo.objects.exclude(place="").values_list("filename", flat=True))


def test_descriptions_over_the_api(mine, others):
    keys = [str(photo.pk) for photo in (mine, *others.values())]
    answer = client_of(mine.collection.owner).post(
        reverse("api:photo-descriptions"),
        {"photos": keys, "description": {"place": "Solo"}, "add_tags": ["porch"]},
        format="json",
    )
    assert [item["status"] for item in answer.json()["results"]] == ["done", "refused", "refused"]
    assert described() == {"mine.png"}
    assert list(Photo.objects.exclude(tags=None)) == [mine]


@pytest.mark.parametrize("chosen", ["named", "all"])
def test_the_form_for_a_selection(browser, mine, others, chosen):
    named = "&".join(f"photo={photo.pk}" for photo in (mine, *others.values()))
    query = named if chosen == "named" else "all=1&found="
    address = reverse("archive:photos_description", args=[mine.collection_id])
    page = browser.get(f"{address}?{query}")
    assert page.status_code == 200
    assert b"unseen.png" not in page.content
    browser.post(f"{address}?{query}", {"place": "Solo"})
    assert described() == {"mine.png"}
    foreign = reverse("archive:photos_description", args=[others["seen"].collection_id])
    assert browser.get(f"{foreign}?photo={others['seen'].pk}").status_code == 403
    unseen = reverse("archive:photos_description", args=[others["unseen"].collection_id])
    assert browser.get(f"{unseen}?photo={others['unseen'].pk}").status_code == 404


def test_a_table_that_names_photos_of_others(browser, mine, others):
    rows = "".join(f"{photo.original.sha256},Solo\n" for photo in (mine, *others.values()))
    table = SimpleUploadedFile("table.csv", f"sha256,place\n{rows}".encode(), content_type="text/csv")
    browser.post(reverse("archive:descriptions", args=[mine.collection_id]), {"file": table})
    kept = MetadataImport.objects.get()
    browser.post(reverse("archive:metadata_import_apply", args=[kept.pk]))
    continue_metadata(str(kept.pk))
    assert described() == {"mine.png"}


def test_an_export_of_a_selection_holds_nothing_of_others(browser, mine, others):
    named = "&".join(f"photo={photo.pk}" for photo in (mine, *others.values()))
    address = reverse("archive:collection_export", args=[mine.collection_id])
    page = browser.get(f"{address}?{named}")
    assert page.status_code == 200
    for name in ("seen.png", "unseen.png"):
        assert name.encode() not in page.content


def test_a_search_finds_nothing_of_others(browser, mine, others):
    found = client_of(mine.collection.owner).get(reverse("api:photo-list"), {"q": "png"}).json()
    assert {row["filename"] for row in found["results"]} == {"mine.png", "seen.png"}
    elsewhere = make_collection(owner=mine.collection.owner)
    limited = client_of(mine.collection.owner, collections=[elsewhere])
    assert limited.get(reverse("api:photo-list")).json()["results"] == []
    page = browser.get(reverse("restoration:search"), {"q": "unseen"}).content.decode()
    assert "unseen.png" not in page


def test_strangers_find_nothing_at_all(client, mine):
    client.force_login(make_user())
    assert "mine.png" not in client.get(reverse("restoration:search"), {"q": "mine"}).content.decode()
    assert Collection.objects.visible_to(make_user()).count() == 0
