"""English and Indonesian, whole: no text that is missing, fuzzy or untranslated, none that pages show and
nobody can translate, and numbers and dates as each language writes them.
"""

from __future__ import annotations

import gettext
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import django
import pytest
from django.conf import settings
from pytest_django import Settings

from tests.architecture.permission_world import World
from tests.config.catalogue import Entry, read_catalogue, write_catalogue
from tests.every_page import every_page

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "id" / "LC_MESSAGES" / "django.po"
COLLECT = ("makemessages", "-l", "id", "--no-location", "--no-wrap", "--no-obsolete")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")


def test_catalogue_has_every_text_and_no_other(tmp_path: Path) -> None:
    for folder in ("archive", "restoration", "config", "templates", "locale", "mlcore"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.safetensors", "__pycache__")
        )
    shutil.copy(ROOT / "manage.py", tmp_path)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "manage.py", *COLLECT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    collected = {_key(entry) for entry in read_catalogue(tmp_path / CATALOGUE.relative_to(ROOT))}
    committed = {_key(entry) for entry in read_catalogue(CATALOGUE)}
    assert len(committed) > 600
    assert collected - committed == set(), f"run: manage.py {' '.join(COLLECT)}, and translate"
    assert committed - collected == set(), "nobody says this any more"


def test_every_text_is_translated_with_the_same_placeholders() -> None:
    entries = read_catalogue(CATALOGUE)
    assert [entry.text for entry in entries if entry.is_fuzzy] == []
    assert [entry.text for entry in entries if not all(entry.translations)] == []
    different = [
        entry.text
        for entry in entries
        for translation in entry.translations
        if sorted(PLACEHOLDER.findall(entry.plural or entry.text)) != sorted(PLACEHOLDER.findall(translation))
    ]
    assert different == []


def test_compiled_catalogue_is_the_one_in_words() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    different = [
        entry.text
        for entry in read_catalogue(CATALOGUE)
        if (compiled.pgettext(entry.context, entry.text) if entry.context else compiled.gettext(entry.text))
        != entry.translations[0]
    ]
    assert different == [], "run: manage.py compilemessages"


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.context, entry.text, entry.plural


def compile_pseudo(folder: Path) -> None:
    """An Indonesian in which every text is its English between brackets."""
    texts = folder / "id" / "LC_MESSAGES" / "django.po"
    texts.parent.mkdir(parents=True)
    entries = [
        replace(entry, translations=(f"⟦{entry.plural or entry.text}⟧",))
        for entry in read_catalogue(CATALOGUE)
    ]
    # gettext wants a translation to end as its text does, where that is the end of a line.
    entries = [
        replace(entry, translations=(entry.translations[0].replace("\n⟧", "⟧\n"),)) for entry in entries
    ]
    write_catalogue(texts, entries)
    subprocess.run(
        ["msgfmt", "--check-format", "-o", texts.with_suffix(".mo"), texts],
        check=True,
        timeout=60,
    )


class Words(HTMLParser):
    """What a page says, to be seen or in attributes that are shown or read aloud: `seen` is all of it,
    `outside` what stands in no brackets.
    """

    SAID = {"alt", "aria-label", "aria-valuetext", "aria-description", "content", "placeholder", "title"}
    NOT_LANGUAGE = {"code", "kbd", "pre", "script", "style", "samp"}
    VOID = {"br", "col", "hr", "img", "input", "link", "meta", "path", "polyline", "source", "wbr"}

    def __init__(self, document: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.seen: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._depth = 0
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            is_code = tag in self.NOT_LANGUAGE or "code" in given.get("class", "").split()
            self._open.append((tag, is_code or given.get("lang", "id") != "id"))
        said = [value for name, value in given.items() if name in self.SAID or name.startswith("data-text")]
        if tag == "input" and given.get("type") == "submit":
            said.append(given.get("value", ""))
        if tag != "meta" or given.get("name") == "description":
            for text in said:
                self._keep(text, 0)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {name for name, _ in self._open}:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not any(is_code for _, is_code in self._open):
            self._depth = self._keep(data, self._depth)

    def _keep(self, text: str, depth: int) -> int:
        """`depth`: how many brackets are open before the text; returns how many are after it."""
        for piece in re.split(r"([⟦⟧])", text):
            if piece in {"⟦", "⟧"}:
                depth += 1 if piece == "⟦" else -1
            elif piece.strip():
                words = " ".join(piece.split())
                self.seen.append(words)
                if not depth:
                    self.outside.append(words)
        return depth


A_WORD = re.compile(r"[^\W\d_]{2,}")
# What no language changes: names of this world's people and things, of formats and units, codes and hashes.
SAME_EVERYWHERE = re.compile(
    r"""\b(?:[\w-]+\.(?:png|zip|csv)|Collection\ \d+|Porch|faces(?:-\w+)?|paper-model|fill3|elsewhere
    |Pulih|owner|curator|reviewer|viewer|staff|outsider|newcomer|other-owner|new@example\.org
    |sha256|call_number|filename|photo|tile|read|upload|restore|review|export|admin
    |[0-9a-f]{64}|sources-sha256:\w+|image/\w+|JPEG|PNG|TIFF|WEBP|BMP
    |PSNR|SSIM|dB|[KMGT]?B|px|UTC|SHA-256|[GD]_\w+)\b""",
    re.VERBOSE,
)
A_DAY = re.compile(
    r"\d{1,2} \w{3,9}\.? \d{4}(?:,? (?:pukul )?\d{1,2}\.\d{2})?|\d{2}-\d{2}-\d{4} \d{1,2}\.\d{2}"
)
A_POINT = re.compile(r"(?<![\w.-])\d+\.(?!\d{3}(?!\d))\d+(?![\w.-])")
ENGLISH_DAY = re.compile(
    r"\b(?:January|February|March|May|June|July|August|October|December|noon|midnight)\b|\b[ap]\.m\."
)


@pytest.mark.django_db
def test_pages_speak_the_readers_language_alone(media_root: Path, settings: Settings, tmp_path: Path) -> None:
    world = World()
    pages = every_page(world)
    compile_pseudo(tmp_path / "locale")
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    in_django = words_of_django()
    untranslated: dict[str, str] = {}
    foreign: dict[str, str] = {}
    for page in pages:
        client = world.clients[page.caller]
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "id"
        words = Words(client.get(page.address).content.decode())
        for piece in words.outside:
            own = SAME_EVERYWHERE.sub("", A_DAY.sub("", piece))
            if A_WORD.search(own) and not in_django.fullmatch(piece):
                untranslated[piece] = page.name
        for piece in words.seen:
            without_days = A_DAY.sub("", piece)
            if ENGLISH_DAY.search(without_days) or A_POINT.search(without_days):
                foreign[piece] = page.name
    assert (untranslated, foreign) == ({}, {})


def words_of_django() -> re.Pattern[str]:
    """What Django itself says in Indonesian."""
    said = {
        re.sub(r"%\\?\(\w+\\?\)[sd]|%[sd]", ".+", re.escape(translation))
        for place in ("conf", "contrib/auth")
        for entry in read_catalogue(
            Path(django.__file__).parent / place / "locale" / "id" / "LC_MESSAGES" / "django.po"
        )
        for translation in entry.translations
        if translation
    }
    return re.compile("|".join(said), re.IGNORECASE)


A_LITERAL = re.compile(
    r"""(?:textContent|innerText|title|alt|placeholder|ariaLabel|ariaValueText)\s*\+?=\s*["'`][A-Za-z]
    |(?:aria-label|aria-valuetext|title|alt|placeholder)["'],\s*["'`][A-Za-z]
    |["'`][A-Z][a-z]+\ [a-z]+""",
    re.VERBOSE,
)


def test_scripts_say_nothing_of_their_own() -> None:
    """They have no catalogue: what they say comes from attributes of the templates."""
    scripts = list((ROOT / "static" / "js").glob("*.js"))
    said = {
        path.name: found
        for path in scripts
        if (found := A_LITERAL.findall(re.sub(r"//.*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)))
    }
    assert len(scripts) > 15
    assert said == {}
