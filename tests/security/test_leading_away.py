"""Nothing in an address, a form or a header leads people from here to somebody else's site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db

AWAY = [
    "https://elsewhere.example/",
    "http://elsewhere.example/",
    "//elsewhere.example/",
    "///elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example/",
    "https:elsewhere.example",
    "https:///elsewhere.example/",
    "https://testserver@elsewhere.example/",
    "https://testserver.elsewhere.example/",
    "javascript:hurt()",
    "data:text/html,x",
    "\thttps://elsewhere.example/",
    "/\t/elsewhere.example/",
    "ftp://testserver/",
]


@pytest.fixture
def person() -> Any:
    return make_user("sri")


@pytest.fixture
def member(client: Client, person: Any) -> Client:
    client.force_login(person)
    return client


def stays(answer: Any) -> bool:
    """The answer leads nowhere, or to an address of ours."""
    location = answer.get("Location", "/")
    return (location.startswith("/") and location[1:2] not in {"/", "\\"}) or location.startswith("?")


@pytest.mark.parametrize("address", AWAY)
class TestNoWayOut:
    def test_signing_in(self, person: Any, address: str) -> None:
        form = {"username": "sri", "password": PASSWORD, "next": address}
        assert stays(Client().post("/sign-in/", form))
        assert stays(Client().post("/sign-in/", form | {"next": ""}, query_params={"next": address}))

    def test_who_is_signed_in_already(self, member: Client, address: str) -> None:
        answer = member.get("/sign-in/", {"next": address})
        assert answer.status_code == 302
        assert stays(answer)

    def test_signing_out(self, member: Client, address: str) -> None:
        assert stays(member.post("/sign-out/", {"next": address}))

    @pytest.mark.parametrize("name", ["set_language", "archive:theme_choice", "restoration:guest_choice"])
    def test_language_theme_and_what_guests_see(self, client: Client, name: str, address: str) -> None:
        for said in ({"next": address}, {}):
            answer = client.post(reverse(name), said, headers={"Referer": address})
            assert stays(answer), answer["Location"]

    def test_the_admin(self, address: str) -> None:
        make_user("staff", is_staff=True)
        form = {"username": "staff", "password": PASSWORD, "next": address}
        assert stays(Client().post("/admin/login/", form))


def test_a_decision_leads_on_within_the_room() -> None:
    owner = make_user()
    collection = make_collection(owner=owner, auto_restore=False)
    browser = Client()
    browser.force_login(owner)
    for address in AWAY[:6]:
        restoration = make_restoration(photo=make_photo(collection=collection))
        form = {"restoration": restoration.pk, "decision": "approved", "next": address}
        answer = browser.post(reverse("restoration:review_decide"), form)
        assert answer.status_code == 302, answer.content.decode()[:2000]
        assert stays(answer)
