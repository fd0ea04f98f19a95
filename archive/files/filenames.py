"""File names as their senders gave them, fit to be shown and offered again."""

import re
import unicodedata

_FILENAME_MAX_LENGTH = 255
_FOLDER_MAX_LENGTH = 1000
# Characters that turn the direction of the text around them can make "gpj.exe" look like "exe.jpg".
_BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Nothing is seen of these; what joins letters and emoji (U+200C, U+200D) is seen by what it does.
_UNSEEN = set("\ufeff\u200b\u2060\u00ad")
_NOT_IN_NAMES = {"Cc", "Cs", "Cn", "Zl", "Zp"}
_EDGES = re.compile(r"\A[\s.]+|[\s.]+\Z")


def clean_filename(filename: str) -> str:
    """Return the last part of `filename`, fit to be shown and to be offered for download; never empty."""
    name = _shown(filename.replace("\\", "/").rsplit("/", 1)[-1]) or "photo"
    if len(name) <= _FILENAME_MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return _EDGES.sub("", name[:_FILENAME_MAX_LENGTH])
    return stem[: _FILENAME_MAX_LENGTH - len(extension) - 1] + dot + extension


def clean_folder(folder: str) -> str:
    """Return `folder`, a path in whatever system it comes from, as names joined by "/"; empty for the top.

    Only for showing and filtering: no file of ours ever lies there.
    """
    names = [_shown(name) for name in folder.replace("\\", "/").split("/")]
    return _EDGES.sub("", "/".join(name for name in names if name)[:_FOLDER_MAX_LENGTH].rstrip("/"))


def _shown(name: str) -> str:
    """One name of a path, fit to be shown; empty where nothing of it is."""
    # Control characters, line breaks, surrogates and unassigned code points have no business in a name.
    name = "".join(
        c
        for c in name
        if unicodedata.category(c) not in _NOT_IN_NAMES and c not in _BIDI_CONTROLS and c not in _UNSEEN
    )
    return _EDGES.sub("", unicodedata.normalize("NFC", name))
