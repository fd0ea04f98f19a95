"""File names as their senders gave them, fit to be shown and offered again."""

import unicodedata

_FILENAME_MAX_LENGTH = 255
# Characters that turn the direction of the text around them can make "gpj.exe" look like "exe.jpg".
_BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_filename(filename: str) -> str:
    """Return the last part of `filename`, fit to be shown and to be offered for download; never empty."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    # Control characters, surrogates and unassigned code points have no business in a name.
    name = "".join(
        c for c in name if unicodedata.category(c) not in {"Cc", "Cs", "Cn"} and c not in _BIDI_CONTROLS
    )
    name = name.strip().strip(".").strip() or "photo"
    if len(name) <= _FILENAME_MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:_FILENAME_MAX_LENGTH]
    return stem[: _FILENAME_MAX_LENGTH - len(extension) - 1] + dot + extension
