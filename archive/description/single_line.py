"""Text that belongs on one line: names, titles, keywords."""

import unicodedata


def one_line(text: str) -> str:
    """`text` in Unicode's composed form (NFC), white space runs made one blank, other controls gone."""
    # Line breaks and tabs are control characters, too; they must part words and not glue them.
    spaced = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cs"}).split())
