"""Texts as IIIF has them: {language: [text, ...]}, so that a viewer shows each reader the reader's own."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import escape

Words = str | Promise
"""Words for people; a Promise is said in each language."""

LanguageMap = dict[str, list[str]]


def in_each_language(*words: Words) -> LanguageMap:
    """The words in every language of the platform; once, where none of them is ours to translate."""
    if not any(isinstance(each, Promise) for each in words):
        return as_written(str(each) for each in words)
    said: LanguageMap = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said[code] = [_plain(str(each)) for each in words]
    return said


def as_written(texts: Iterable[str]) -> LanguageMap:
    """What people wrote, in whatever language that is."""
    return {"none": [_plain(text) for text in texts]}


def _plain(text: str) -> str:
    """Viewers take what begins with < and ends with > for HTML."""
    stripped = text.strip()
    return f"<span>{escape(text)}</span>" if stripped[:1] == "<" and stripped[-1:] == ">" else text
