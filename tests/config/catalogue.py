"""Catalogues of translations in words (.po), read and written without any library."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

A_FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr)(?:\[\d\])? ((?:".*"\n?)+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One text. `plural` is empty where it has none; `translations` has one for each form of the language."""

    context: str
    text: str
    plural: str
    translations: tuple[str, ...]
    is_fuzzy: bool


def read_catalogue(path: Path) -> list[Entry]:
    """All texts of the file, its head left out."""
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, list[str]] = {}
        for name, quoted in A_FIELD.findall(block + "\n"):
            # Quoted as in Python, one piece a line.
            text = "".join(ast.literal_eval(line) for line in quoted.splitlines())
            fields.setdefault(name, []).append(text)
        if fields.get("msgid", [""])[0]:
            found.append(
                Entry(
                    context=fields.get("msgctxt", [""])[0],
                    text=fields["msgid"][0],
                    plural=fields.get("msgid_plural", [""])[0],
                    translations=tuple(fields["msgstr"]),
                    is_fuzzy=any("fuzzy" in line for line in block.splitlines() if line.startswith("#,")),
                )
            )
    return found


def write_catalogue(path: Path, entries: Iterable[Entry]) -> None:
    """A file that msgfmt takes, for a language that has one form for every number."""
    head = ["Content-Type: text/plain; charset=UTF-8", "Plural-Forms: nplurals=1; plural=0;"]
    blocks = ['msgid ""\nmsgstr ""\n' + "\n".join(f'"{line}\\n"' for line in head)]
    for entry in entries:
        lines = [f"msgctxt {_quoted(entry.context)}"] if entry.context else []
        lines.append(f"msgid {_quoted(entry.text)}")
        if entry.plural:
            lines.append(f"msgid_plural {_quoted(entry.plural)}")
        lines.append(f"msgstr{'[0]' if entry.plural else ''} {_quoted(entry.translations[0])}")
        blocks.append("\n".join(lines))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
