"""Pages speak English and Indonesian, as the reader chooses."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.html_page import get_page, page_of


@pytest.mark.django_db
class TestChoice:
    def test_browsers_language_counts(self, client: Client) -> None:
        response = client.get(reverse("sign_in"), headers={"Accept-Language": "id-ID,id;q=0.9,en;q=0.5"})
        page = page_of(response)
        assert page.one("html")["lang"] == "id"
        assert page.one("h1").text == "Masuk"

    def test_other_languages_fall_back_to_english(self, client: Client) -> None:
        response = client.get(reverse("sign_in"), headers={"Accept-Language": "eo"})
        assert page_of(response).one("h1").text == "Sign in"

    def test_choice_at_the_foot_of_the_page_counts_more(self, client: Client) -> None:
        client.force_login(make_user())
        address = reverse("archive:collection_list")
        page = get_page(client, address)
        button = page.one("button", name="language")
        assert (button.text, button["value"]) == ("Bahasa Indonesia", "id")
        response = client.post(reverse("set_language"), {"language": "id", "next": address}, follow=True)
        assert page_of(response).one("h2").text == "Selamat datang di kamar gelap"
        assert page_of(response).one("button", name="language").text == "English"
