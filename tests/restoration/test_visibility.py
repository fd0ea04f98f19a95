"""Who sees what: every read of rows and files, by queryset and by API, for every kind of visitor."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.access.roles import Role
from restoration.models import GalleryPhoto, Restoration
from restoration.querysets import photos_for_gallery
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

SEES = {
    "owner": True,
    "curator": True,
    "reviewer": True,
    "viewer": True,
    "stranger": False,
    "staff": False,
    "anonymous": False,
}
DECIDES = {**SEES, "viewer": False}


@pytest.fixture
def restoration() -> Restoration:
    everywhere = pictures.png(Image.new("L", (128, 160), 255))
    return make_restoration(hand=everywhere)


@pytest.fixture
def visitor(request, restoration):
    """Somebody, by what they are to the restoration's collection; a collection of their own besides."""
    who = request.param
    collection = restoration.photo.collection
    if who == "owner":
        return collection.owner
    if who == "anonymous":
        return None
    user = make_user(is_staff=who == "staff", is_superuser=who == "staff")
    make_restoration(photo=make_photo(collection=make_collection(owner=user)))
    if who in Role.values:
        collection.memberships.create(user=user, role=who)
    return user


@pytest.mark.parametrize(("visitor", "sees"), SEES.items(), indirect=["visitor"])
def test_rows(visitor, sees, restoration):
    user = visitor or AnonymousUser()
    assert Restoration.objects.visible_to(user).filter(pk=restoration.pk).exists() is sees
    assert GalleryPhoto.objects.visible_to(user).filter(pk=restoration.photo_id).exists() is sees
    assert bool(photos_for_gallery(user, [restoration.photo_id])) is sees


@pytest.mark.parametrize(("visitor", "decides"), DECIDES.items(), indirect=["visitor"])
def test_who_decides(visitor, decides, restoration):
    user = visitor or AnonymousUser()
    assert Restoration.objects.reviewable_by(user).filter(pk=restoration.pk).exists() is decides


@pytest.mark.parametrize(("visitor", "sees"), SEES.items(), indirect=["visitor"])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("collection-detail", "collection"),
        ("collection-photos", "collection"),
        ("photo-detail", "photo"),
        ("photo-original", "photo"),
        ("photo-restorations", "photo"),
        ("restoration-detail", "restoration"),
        ("restoration-result", "restoration"),
        ("restoration-reviews", "restoration"),
        ("restoration-layer", "layer"),
        ("restoration-hand", "restoration"),
        ("collection-restorations", "collection"),
    ],
)
def test_reading_over_the_api(visitor, sees, restoration, name, key):
    """A stranger is told that there is nothing, whoever is not signed in that they must sign in first."""
    keys = {
        "collection": restoration.photo.collection_id,
        "photo": restoration.photo_id,
        "restoration": restoration.pk,
    }
    args = [restoration.pk, "mask"] if key == "layer" else [keys[key]]
    answer = client_of(visitor).get(reverse(f"api:{name}", args=args))
    if sees:
        assert answer.status_code == 200
        answer.close()
    elif visitor is None:
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    else:
        assert answer.status_code == 404
        assert answer.json() == {"code": "not_found", "message": "Not found.", "fields": {}}


@pytest.mark.parametrize(
    ("visitor", "status"), {"stranger": 404, "staff": 404, "anonymous": 401}.items(), indirect=["visitor"]
)
@pytest.mark.parametrize(
    "attempt",
    [
        ("patch", "collection-detail", "collection", {"title": "mine now"}),
        ("post", "collection-photos", "collection", {}),
        ("post", "photo-restorations", "photo", {}),
        ("post", "restoration-reviews", "restoration", {"decision": "rejected"}),
        ("post", "restoration-strength", "restoration", {"strength": 40}),
    ],
)
def test_writing_over_the_api(visitor, status, restoration, attempt):
    method, name, key, body = attempt
    keys = {
        "collection": restoration.photo.collection_id,
        "photo": restoration.photo_id,
        "restoration": restoration.pk,
    }
    form = "multipart" if name == "collection-photos" else "json"
    answer = getattr(client_of(visitor), method)(reverse(f"api:{name}", args=[keys[key]]), body, format=form)
    assert answer.status_code == status
    restoration.refresh_from_db()
    assert restoration.review_state == "unreviewed"
    assert restoration.photo.restorations.count() == 1


@pytest.mark.parametrize(("visitor", "sees"), SEES.items(), indirect=["visitor"])
def test_lists_hold_only_what_may_be_seen(visitor, sees, restoration):
    answer = client_of(visitor).get(reverse("api:collection-list"))
    if visitor is None:
        assert answer.status_code == 401
        return
    listed = [row["id"] for row in answer.json()["results"]]
    assert (str(restoration.photo.collection_id) in listed) is sees


def test_a_session_writes_only_with_a_csrf_token(restoration):
    """Browsers send cookies on behalf of any page; tokens they do not."""
    user = restoration.photo.uploaded_by
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    address = reverse("api:restoration-reviews", args=[restoration.pk])
    answer = strict.post(address, {"decision": "approved"}, content_type="application/json")
    assert answer.status_code == 403
    assert strict.get(address).status_code == 200
