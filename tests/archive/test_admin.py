"""The admin shows every row, and lets nobody bend what services keep straight."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from archive.events.guards import link_pending
from archive.models import (
    ChainLink,
    Collection,
    Event,
    FixityFinding,
    FixityRun,
    Membership,
    Original,
    Photo,
    Rendition,
)
from archive.services import set_legal_hold
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

KEPT_BY_SERVICES = [Membership, Original, Rendition, Event, ChainLink, FixityRun, FixityFinding]
MODELS = [Collection, Photo, *KEPT_BY_SERVICES]


def address(model: type[Any], page: str, *args: object) -> str:
    return reverse(f"admin:archive_{model._meta.model_name}_{page}", args=args)


def one_of(model: type[Any]) -> Any:
    """A row of any model, about one photo with a finding."""
    photo = make_photo()
    run = FixityRun.objects.create(scope="photo", collection=photo.collection, photo=photo)
    FixityFinding.objects.create(run=run, kind="missing", path="originals/x", seen_at=run.started_at)
    link_pending(connection)
    return model.objects.first()


@pytest.mark.parametrize("model", MODELS)
def test_list_search_and_row_can_be_looked_at(admin_client: Client, model: type[Any]) -> None:
    row = one_of(model)
    assert admin_client.get(address(model, "changelist")).status_code == 200
    assert admin_client.get(address(model, "changelist"), {"q": "photo"}).status_code == 200
    assert admin_client.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", KEPT_BY_SERVICES)
def test_what_services_keep_cannot_be_changed_here(admin_client: Client, model: type[Any]) -> None:
    row = one_of(model)
    for page in (address(model, "add"), address(model, "delete", row.pk)):
        assert admin_client.get(page).status_code == 403
    assert admin_client.post(address(model, "change", row.pk), {}).status_code == 403


def test_staff_without_permissions_see_nothing(client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    for model in MODELS:
        assert client.get(address(model, "changelist")).status_code == 403


def collection_form(
    collection: Collection, owner: Any, memberships: list[tuple[Any, str, str]]
) -> dict[str, Any]:
    form: dict[str, Any] = {
        "title": collection.title,
        "owner": owner.pk,
        "memberships-TOTAL_FORMS": len(memberships),
        "memberships-INITIAL_FORMS": sum(bool(pk) for pk, _user, _role in memberships),
    }
    for index, (pk, user, role) in enumerate(memberships):
        prefix = f"memberships-{index}-"
        form |= {
            prefix + "id": pk,
            prefix + "collection": collection.pk,
            prefix + "user": user,
            prefix + "role": role,
        }
    return form


def test_new_owner_becomes_curator(admin_client: Client) -> None:
    collection, heir = make_collection(), make_user()
    old = collection.memberships.get()
    form = collection_form(collection, heir, [(old.pk, old.user_id, "viewer")])
    response = admin_client.post(address(Collection, "change", collection.pk), form)
    assert response.status_code == 302
    assert Collection.objects.curated_by(heir).get().owner == heir
    assert Collection.objects.visible_to(old.user).exists()
    assert not Collection.objects.curated_by(old.user).exists()


def test_owner_stays_curator_whatever_is_entered(admin_client: Client) -> None:
    collection = make_collection()
    own = collection.memberships.get()
    form = collection_form(collection, collection.owner, [(own.pk, own.user_id, "viewer")])
    assert admin_client.post(address(Collection, "change", collection.pk), form).status_code == 302
    assert Collection.objects.curated_by(collection.owner).exists()


def test_deleting_puts_into_the_bin_and_a_legal_hold_refuses(admin_client: Client) -> None:
    photo, held = make_photo(), make_photo()
    set_legal_hold(collection=held.collection, actor=held.uploaded_by, reason="Claim")
    for row in (photo, photo.collection, held, held.collection):
        page = address(type(row), "delete", row.pk)
        assert admin_client.get(page).status_code == 200
        assert admin_client.post(page, {"post": "yes"}).status_code == 302
        row.refresh_from_db()
    assert None not in (photo.deleted_at, photo.collection.deleted_at)
    assert (held.deleted_at, held.collection.deleted_at) == (None, None)


def test_every_model_is_registered() -> None:
    assert {model for model in admin.site._registry if model._meta.app_label == "archive"} == set(MODELS)
