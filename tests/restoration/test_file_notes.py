"""Whatever mlcore notes of a file is said in a sentence, in every language and in the documentation."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from restoration.presentation.file_notes import NOTES, note_sentences

ROOT = Path(settings.BASE_DIR)
A_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*-(dropped|anew|to-[a-z0-9-]+)")
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def noted() -> set[str]:
    """The codes in the sources of what reads masters and makes results."""
    sources = [*(ROOT / "mlcore" / "masters").glob("*.py"), ROOT / "mlcore" / "inference" / "rendering.py"]
    texts = (
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in texts if A_CODE.fullmatch(text)}


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(NOTES) == noted()
    assert len(NOTES) >= 12


def test_the_documentation_lists_them_all() -> None:
    text = (ROOT / "docs" / "restored-files.md").read_text(encoding="utf-8")
    assert ROW.findall(text) == [(code, str(said)) for code, said in NOTES.items()]


@pytest.mark.parametrize("language", ["en", "id"])
def test_codes_of_another_version_are_shown_as_they_are(language: str) -> None:
    with translation.override(language):
        first, second = note_sentences(["lab-to-rgb", "hologram-dropped"])
    assert "CIELAB" in first
    assert second == "hologram-dropped"
