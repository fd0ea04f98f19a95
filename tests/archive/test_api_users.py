"""Accounts over REST, for those who run the platform."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from rest_framework.test import APIClient

from archive.access.roles import Role
from tests.factories import PASSWORD, make_collection, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

LIST = "api:user-list"


@pytest.fixture
def root() -> User:
    return make_user("root", is_staff=True, is_superuser=True)


def test_an_account_is_made_and_can_be_signed_in_to(root: User) -> None:
    answer = client_of(root).post(
        reverse(LIST), {"username": "ani", "email": "ani@example.org", "password": PASSWORD}, format="json"
    )
    assert answer.status_code == 201
    assert client_of(root).get(answer["Location"]).json() == answer.json()
    assert "password" not in answer.json()
    assert APIClient().login(username="ani", password=PASSWORD)


@pytest.mark.parametrize(
    "body",
    [
        {"username": ""},
        {"username": "root"},
        {"username": "a b"},
        {"username": "ani", "password": "short"},
        {"username": "ani", "is_superuser": True},
        {"username": "ani", "email": "nowhere"},
    ],
)
def test_what_does_not_fit_is_refused(root: User, body: dict[str, object]) -> None:
    answer = client_of(root).post(reverse(LIST), body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert User.objects.count() == 1


def test_a_closed_account_can_do_nothing_any_more(root: User) -> None:
    person = make_user("ani")
    theirs = client_of(person)
    address = reverse("api:user-detail", args=[person.pk])
    etag = client_of(root).get(address)["ETag"]
    for expected in (200, 412):
        answer = client_of(root).patch(
            address, {"is_active": False}, format="json", headers={"If-Match": etag}
        )
        assert answer.status_code == expected
    assert theirs.get(reverse("api:me")).status_code == 401
    assert not APIClient().login(username="ani", password=PASSWORD)


def test_nobody_closes_his_own(root: User) -> None:
    answer = client_of(root).patch(
        reverse("api:user-detail", args=[root.pk]), {"is_active": False}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "archive:account:own")


def test_staff_look_and_change_what_they_have_a_permission_for(root: User) -> None:
    staff, person = make_user("staff", is_staff=True), make_user("ani")
    client = client_of(staff)
    names = [row["username"] for row in client.get(reverse(LIST)).json()["results"]]
    assert names == ["ani", "root", "staff"]
    found = client.get(reverse(LIST), {"username": "AN", "is_active": "true"}).json()["results"]
    assert [row["id"] for row in found] == [person.pk]
    address = reverse("api:user-detail", args=[person.pk])
    assert client.patch(address, {"is_active": False}, format="json").status_code == 403
    assert client.post(reverse(LIST), {"username": "budi"}, format="json").status_code == 403


def test_the_roles_that_a_person_holds(root: User) -> None:
    person = make_user("ani")
    collection = make_collection(title="Album", members={person: Role.REVIEWER})
    (row,) = client_of(root).get(reverse("api:user-roles", args=[person.pk])).json()["results"]
    assert (row["collection"], row["title"], row["role"]) == (str(collection.pk), "Album", "reviewer")
