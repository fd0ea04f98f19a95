"""Who has given somebody a session, or has stolen one, does not keep it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from archive.access.roles import Role
from archive.services import invite_member
from tests.factories import PASSWORD, make_collection, make_user

pytestmark = pytest.mark.django_db

COOKIE = project.SESSION_COOKIE_NAME
ACCOUNT = "/account/"


@pytest.fixture
def sri() -> Any:
    return make_user("sri", email="sri@example.org")


def sign_in(browser: Client) -> None:
    assert browser.post("/sign-in/", {"username": "sri", "password": PASSWORD}).status_code == 302


def invited(browser: Client) -> str:
    """A browser that has a session, though nobody is signed in; the key of the session."""
    _invitation, key = invite_member(
        collection=(collection := make_collection()),
        email="new@example.org",
        role=Role.VIEWER,
        actor=collection.owner,
    )
    browser.get(reverse("archive:invitation_open", args=[key]))
    return browser.cookies[COOKIE].value


def test_signing_in_gives_the_session_another_key(sri: Any, client: Client) -> None:
    planted = invited(client)
    sign_in(client)
    assert client.cookies[COOKIE].value != planted
    assert not Session.objects.filter(session_key=planted).exists()
    attacker = Client()
    attacker.cookies[COOKIE] = planted
    assert attacker.get(ACCOUNT).status_code == 302


def test_so_does_accepting_an_invitation_with_a_new_account(client: Client) -> None:
    planted = invited(client)
    form = {"username": "new", "password1": "a long walk home again", "password2": "a long walk home again"}
    assert client.post(reverse("archive:invitation_account"), form).status_code == 302
    assert client.get(ACCOUNT).status_code == 200
    assert client.cookies[COOKIE].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_key_that_somebody_made_up_is_not_taken_over(sri: Any, client: Client) -> None:
    client.cookies[COOKIE] = "a" * 32
    sign_in(client)
    assert client.cookies[COOKIE].value != "a" * 32


def test_signing_out_ends_the_session_on_the_server(sri: Any, client: Client) -> None:
    sign_in(client)
    stolen = Client()
    stolen.cookies[COOKIE] = client.cookies[COOKIE].value
    assert stolen.get(ACCOUNT).status_code == 200
    client.post("/sign-out/")
    assert stolen.get(ACCOUNT).status_code == 302


def test_another_password_gives_this_browser_another_key_and_ends_all_others(
    sri: Any, client: Client
) -> None:
    sign_in(client)
    stolen = Client()
    stolen.cookies[COOKIE] = before = client.cookies[COOKIE].value
    new = "another long walk home"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("archive:password_change"), form).status_code == 302
    assert client.cookies[COOKIE].value != before
    assert client.get(ACCOUNT).status_code == 200
    assert stolen.get(ACCOUNT).status_code == 302


def test_a_closed_account_has_no_session_any_more(sri: Any, client: Client) -> None:
    sign_in(client)
    sri.is_active = False
    sri.save()
    assert client.get(ACCOUNT).status_code == 302


def test_scripts_and_other_sites_do_not_get_the_cookie(sri: Any, client: Client) -> None:
    sign_in(client)
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
