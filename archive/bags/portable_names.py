"""Names of files that any system can unpack, none of them given twice."""

from __future__ import annotations

import re
import unicodedata

# Characters that Windows refuses, and "%", which BagIt's manifests would have to escape.
_REFUSED = re.compile(r'[<>:"/\\|?*%]')
_DEVICES = re.compile(r"\A(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)
_LONGEST_BYTES = 150  # of one part of a path, in UTF-8; file systems take 255
_DEEPEST = 20


def portable(name: str, *, fallback: str = "unnamed") -> str:
    """`name` as one part of a path that every file system takes; never empty, never "." or ".."."""
    kept = "".join(
        c
        for c in unicodedata.normalize("NFC", name)
        if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    )
    kept = _REFUSED.sub("_", kept).strip(" .")
    if _DEVICES.match(kept):
        kept = f"_{kept}"
    stem, ending = _stem_and_ending(kept)
    return (_cut(stem, _LONGEST_BYTES - len(ending.encode())) + ending) or fallback


class PortableNames:
    """Gives out paths below one folder, each once; those that differ only in case count as alike."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def claim(self, *parts: str) -> str:
        """A path of `parts`, each made `portable`; "a (2).jpg" where "a.jpg" is given away already.

        Empty parts are left out, and so are folders too deep for some systems.
        """
        *folders, name = (portable(part) for part in parts if part)
        above = ""
        for folder in folders[:_DEEPEST]:
            above = self._free(above, folder, "", self._files) + "/"
            self._folders.add(above.rstrip("/").casefold())
        path = self._free(above, *_stem_and_ending(name), self._files, self._folders)
        self._files.add(path.casefold())
        return path

    @staticmethod
    def _free(above: str, stem: str, ending: str, *taken: set[str]) -> str:
        """The first of "stem", "stem (2)" ... that is not taken."""
        number, path = 1, f"{above}{stem}{ending}"
        while any(path.casefold() in names for names in taken):
            number += 1
            path = f"{above}{stem} ({number}){ending}"
        return path


def _stem_and_ending(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and len(ending.encode()) <= 10 else (name, "")


def _cut(text: str, length: int) -> str:
    """At most `length` bytes of `text`, whole characters."""
    return text.encode()[:length].decode(errors="ignore").rstrip(" .")
