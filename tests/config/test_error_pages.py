"""What goes wrong is said so that it helps: what happened, what to do, a way back."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django.views import defaults

from archive.services import create_share_link, revoke_share_link
from tests.factories import make_collection, make_user
from tests.html_page import Page, page_of


@pytest.mark.django_db
def test_not_found_leads_visitors_to_what_is_public_and_members_to_their_own(client):
    visitor = page_of(client.get("/nowhere/at-all/"))
    assert visitor.one("a", href="/sign-in/?next=/nowhere/at-all/", class_="button--primary")
    assert visitor.all("a", href=reverse("archive:public_collections"), class_="button")
    client.force_login(make_user())
    member = page_of(client.get("/nowhere/at-all/"))
    assert member.all("a", href=reverse("restoration:search"), class_="button")
    assert "No Collection matches" not in client.get(f"/collections/{make_collection().pk}/").content.decode()


@pytest.mark.django_db
def test_a_link_that_has_ended_says_so(client):
    collection = make_collection()
    link, key = create_share_link(
        collection=collection, actor=collection.owner, expires_at=timezone.now() + timedelta(days=1)
    )
    revoke_share_link(link=link, actor=collection.owner)
    answer = client.get(reverse("archive:share_link", args=[key]))
    assert answer.status_code == 404
    assert "This link has ended or was revoked." in answer.content.decode()


@pytest.mark.django_db
def test_a_form_that_is_too_old_says_that_nothing_was_changed():
    answer = Client(enforce_csrf_checks=True).post(reverse("archive:theme_choice"), {"theme": "dark"})
    assert answer.status_code == 403
    assert "Nothing was changed" in page_of(answer).one("main").text


@pytest.mark.parametrize("language", ["en", "id"])
def test_faults_and_nonsense_are_told_without_a_database(language):
    # No django_db mark: a query would fail this test.
    request = RequestFactory().get("/")
    with translation.override(language):
        answers = [defaults.server_error(request), defaults.bad_request(request, ValueError("secret"))]
    for answer in answers:
        text = answer.content.decode()
        page = Page(text)
        assert page.faults() == []
        assert page.one("html")["lang"] == language
        assert {"/", "/public/"} <= {link["href"] for link in page.all("a")}
        assert "secret" not in text


@pytest.mark.django_db
def test_an_address_for_another_host_is_refused_in_words(client):
    answer = client.get("/public/", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert Page(answer.content.decode()).one("h1").text == "This could not be understood"
