"""An account that has nothing yet: it explains itself, and a sample is one press away."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from archive.models import Collection, Photo
from archive.services import delete_photo
from restoration.models import Restoration
from restoration.registry import sample_pictures
from restoration.services import create_sample_collection
from restoration.tasks import fill_sample_collection
from tests import pictures
from tests.factories import make_collection, make_model_version, make_user
from tests.html_page import get_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def small(monkeypatch):
    """Pictures that are quickly made."""
    seeds = iter(range(100))
    monkeypatch.setattr(
        "restoration.services.sample_collections.damaged_picture",
        lambda name, level: pictures.png(pictures.portrait(seed=next(seeds))),
    )
    make_model_version()


def test_an_empty_account_explains_itself_until_it_is_no_longer_empty(client, person):
    page = get_page(client, reverse("archive:collection_list"))
    assert len(page.all("li", class_="welcome__step")) == 3
    assert page.one("form", action=reverse("restoration:sample_create"))
    make_collection(owner=person)
    assert get_page(client, reverse("archive:collection_list")).all("li", class_="welcome__step") == []


def test_the_sample_is_made_once_and_filled_by_a_worker(
    client, person, small, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("restoration:sample_create"))
        assert client.post(reverse("restoration:sample_create"))["Location"] == first["Location"]
    (queued,) = [
        task for task in OrmQ.objects.all() if task.func() == "restoration.tasks.fill_sample_collection"
    ]
    waiting = client.get(first["Location"])
    assert waiting["Refresh"] == "2"  # works without script
    assert fill_sample_collection(*queued.args()) == "6 pictures"
    collection = Collection.objects.get(owner=person)
    assert client.get(first["Location"])["Location"] == reverse(
        "restoration:collection_detail", args=[collection.pk]
    )
    assert Restoration.objects.active().filter(requested_by=person).count() == len(
        sample_pictures.COLLECTION_PICTURES
    )


def test_filling_goes_on_where_it_was_and_brings_nothing_back(person, small):
    collection = create_sample_collection(owner=person)
    fill_sample_collection(str(collection.pk))
    delete_photo(photo=collection.photos.first(), actor=person)
    assert fill_sample_collection(str(collection.pk)) == "0 pictures"
    assert Photo.objects.present().filter(collection=collection).count() == 5
    assert fill_sample_collection("00000000-0000-0000-0000-000000000000") == "nothing to do"


def test_over_rest(client, person, small):
    made = client.post(reverse("api:collection-sample"))
    assert made.status_code == 202
    assert made.json()["id"] == str(Collection.objects.get(owner=person).pk)
