"""An XMP packet without the properties that tell of the camera."""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from archive.camera_privacy.splices import Splice, UnclearMetadata, spliced
from archive.camera_privacy.telling import name_tells

_ATTRIBUTE = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_OPENING = re.compile(rb"<[^\s/>]+(?:\s+[^\s=/>]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*(/?)>")
_SEPARATOR = "\n"


def cleaned_xmp(packet: bytes) -> bytes | None:
    """`packet` with spaces in the places of what tells: as long as before. None where it must go wholly,
    since it cannot be read."""
    text = _as_utf8(packet)
    if text is None:
        return None
    try:
        cleaned = spliced(text, _Reading(text).telling())
    except (expat.ExpatError, UnclearMetadata, ValueError):
        return None
    if cleaned == text:
        return packet
    return cleaned.ljust(len(packet)) if len(cleaned) <= len(packet) else None


def _as_utf8(packet: bytes) -> bytes | None:
    """A packet may be UTF-8, or UTF-16 or 32 by its byte order mark or the zeros in it."""
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32"):
        try:
            text = packet.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.lstrip("\ufeff\0 \r\n\t").startswith("<") and "\0" not in text.strip("\0"):
            return packet if encoding == "utf-8" else text.encode()
    return None


@dataclass
class _Reading:
    """One run through a packet in UTF-8, which notes the places of telling elements and attributes."""

    text: bytes
    _found: list[Splice] = field(default_factory=list)
    _depth: int = 0
    _inside: tuple[int, int] | None = None  # where the telling element began, and how deep

    def telling(self) -> list[Splice]:
        """Raises ExpatError where this is no XML, UnclearMetadata where it has a document type."""
        self._parser = parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        # Zeros and spaces around it are padding; an XML declaration must not follow any.
        start = len(self.text) - len(self.text.lstrip(b"\0 \r\n\t"))
        self._first = start
        parser.Parse(self.text[start:].rstrip(b"\0"), True)
        return self._found

    def _refuse(self, *_: object) -> None:
        raise UnclearMetadata("an XMP packet with a document type")

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._inside is not None:
            return
        place = self._first + self._parser.CurrentByteIndex
        if _tells(name):
            self._inside = (place, self._depth)
            return
        names = attributes[::2]
        telling = [_tells(name) for name in names]
        if any(telling):
            self._note_attributes(place, telling)

    def _note_attributes(self, place: int, telling: list[bool]) -> None:
        opening = _OPENING.match(self.text, place)
        if opening is None:
            raise UnclearMetadata("a tag that cannot be followed")
        written = [
            found
            for found in _ATTRIBUTE.finditer(self.text, place, opening.end())
            if found[1] != b"xmlns" and not found[1].startswith(b"xmlns:")
        ]
        for found, tells in zip(written, telling, strict=True):
            if tells:
                self._blank(found.start(), found.end())

    def _end(self, _name: str) -> None:
        if self._inside is not None and self._inside[1] == self._depth:
            start, _ = self._inside
            opening = _OPENING.match(self.text, start)
            if opening is None:
                raise UnclearMetadata("a tag that cannot be followed")
            if opening[1]:
                self._blank(start, opening.end())
            else:
                closing = self._first + self._parser.CurrentByteIndex
                self._blank(start, self.text.index(b">", closing) + 1)
            self._inside = None
        self._depth -= 1

    def _blank(self, start: int, stop: int) -> None:
        self._found.append(Splice(start, stop, b" " * (stop - start)))


def _tells(name: str) -> bool:
    namespace, _, local = name.rpartition(_SEPARATOR)
    return name_tells(local, namespace)
