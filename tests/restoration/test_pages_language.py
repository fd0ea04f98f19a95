"""Pages speak English and Indonesian; the catalogue is complete and compiled."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.html_page import get_page, page_of

FOLDER = Path(settings.BASE_DIR) / "locale" / "id" / "LC_MESSAGES"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%")
# The catalogue is written with --no-wrap: every text is on one line.
ENTRY = re.compile(r'^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? "(.*)"$', re.MULTILINE)


def entries() -> dict[str, str]:
    """Texts in English and Indonesian, as the catalogue in words has them."""
    return {
        english.replace('\\"', '"'): indonesian.replace('\\"', '"')
        for english, indonesian in ENTRY.findall((FOLDER / "django.po").read_text())
    }


def test_every_text_has_its_translation_with_the_same_placeholders() -> None:
    catalogue = entries()
    assert len(catalogue) > 200
    assert "fuzzy" not in (FOLDER / "django.po").read_text()
    different = [
        english
        for english, indonesian in catalogue.items()
        if not indonesian or sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(indonesian))
    ]
    assert different == []


def test_every_text_of_the_templates_is_in_the_catalogue() -> None:
    known = entries()
    marked = {
        text
        for path in TEMPLATES.rglob("*.html")
        for _quote, text in re.findall(r"""{% translate (["'])(.+?)\1 %}""", path.read_text())
    }
    assert len(marked) > 70
    assert marked - set(known) == set(), "run: manage.py makemessages -l id --no-location --no-wrap"


def test_compiled_catalogue_is_the_one_in_words() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    different = [
        english for english, indonesian in entries().items() if compiled.gettext(english) != indonesian
    ]
    assert different == [], "run: manage.py compilemessages"


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
        assert page_of(response).one("h2").text == "Belum ada koleksi"
        assert page_of(response).one("button", name="language").text == "English"
