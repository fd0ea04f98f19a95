"""The styleguide shows every part, colours stand in one file, and text can be read in both themes."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

from restoration.presentation.photo_states import PhotoState
from tests.html_page import Page

STYLES = Path(settings.BASE_DIR) / "static" / "css"
A_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)\(", re.IGNORECASE)


@pytest.fixture(scope="module")
def styleguide() -> Page:
    request = RequestFactory().get("/styleguide/")
    request.user = AnonymousUser()
    return Page(render_to_string("styleguide.html", request=request))


def test_styleguide_has_no_faults_and_every_state(styleguide: Page) -> None:
    assert styleguide.faults() == []
    badges = {badge.text for badge in styleguide.all(class_="badge")}
    assert badges >= {str(state.label) for state in PhotoState}


def test_styleguide_shows_every_component(styleguide: Page) -> None:
    shown = {name for element in styleguide.elements for name in element.attributes.get("class", "").split()}
    components = sorted((Path(settings.BASE_DIR) / "templates" / "components").glob("*.html"))
    # A component is known by the class of its outermost element.
    missing = {
        path.name: name.group(1)
        for path in components
        if (name := re.search(r'class="([\w-]+)', path.read_text())) and name.group(1) not in shown
    }
    assert len(components) > 5
    assert missing == {}


def test_styleguide_names_only_files_that_are_there(styleguide: Page) -> None:
    links = [element["href"] for element in styleguide.all("link")]
    scripts = [element["src"] for element in styleguide.all("script")]
    missing = [
        address for address in links + scripts if not finders.find(address.removeprefix(settings.STATIC_URL))
    ]
    assert len(links) > 5
    assert missing == []


def test_colours_are_named_in_the_tokens_only() -> None:
    sheets = {path.name: path.read_text() for path in STYLES.glob("*.css")}
    assert A_COLOUR.search(sheets.pop("tokens.css"))
    assert [name for name, sheet in sheets.items() if A_COLOUR.search(sheet)] == []


def test_every_token_that_is_used_is_defined() -> None:
    sheets = "\n".join(path.read_text() for path in STYLES.glob("*.css"))
    # Set by scripts alone; --split has its start in the sheet.
    set_by_script = {"--aspect", "--enlarged", "--pixels"}
    used = set(re.findall(r"var\((--[\w-]+)", sheets)) - set_by_script
    defined = set(re.findall(r"^\s*(--[\w-]+):", sheets, re.MULTILINE))
    assert used - defined == set()
    assert defined - used == set()


def _luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2 of "#rrggbb", 0 to 1."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_keeps_the_contrast_of_wcag_aa(theme: str) -> None:
    tokens = dict(
        (name, (light, dark))
        for name, light, dark in re.findall(
            r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (STYLES / "tokens.css").read_text()
        )
    )
    grounds = ["ground", "surface", "surface-raised"]
    pairs = [(ink, ground) for ink in ("ink", "ink-soft", "accent", "accent-strong") for ground in grounds]
    pairs += [(f"{state}-ink", f"{state}-wash") for state in ("idle", "busy", "wait", "good", "bad")]
    pairs += [("good-ink", "surface-raised"), ("bad-ink", "surface-raised"), ("bad-ink", "surface")]
    pairs += [("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-wash")]
    index = ("light", "dark").index(theme)
    too_low = {}
    for ink, ground in pairs:
        lighter, darker = sorted(
            (_luminance(tokens[ink][index]), _luminance(tokens[ground][index])), reverse=True
        )
        contrast = (lighter + 0.05) / (darker + 0.05)
        if contrast < 4.5:
            too_low[ink, ground] = round(contrast, 2)
    assert too_low == {}
