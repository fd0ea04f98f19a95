"""XMP packets, flattened to names and values."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LISTS = {f"{_RDF}Alt", f"{_RDF}Bag", f"{_RDF}Seq"}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAX_DEPTH = 8
_MAX_BYTES = 2**20
# A packet may call namespaces what it likes; people know them by these prefixes.
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://creativecommons.org/ns#": "cc",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.google.com/photos/1.0/image/": "GImage",
}


def read_xmp(packet: bytes) -> dict[str, Any]:
    """{"dc:title": "...", "dc:subject": ["...", "..."]} of a packet; {} of an empty one, and of
    one above a mebibyte, which describes nothing that people would read.

    Of alternatives in several languages the default one is taken, or the first. A structure's parts are named
    after it ("mwg-rs:Regions/mwg-rs:Name"). Raises whatever the XML parser raises for a broken packet, and
    ValueError for one that declares entities.
    """
    packet = packet.strip(b"\x00 \r\n\t")
    if not packet or len(packet) > _MAX_BYTES:
        return {}
    found: dict[str, Any] = {}
    for top in fromstring(packet).iter(f"{_RDF}RDF"):
        # Direct children only: a Description further down is part of some structure.
        for description in top.iterfind(f"{_RDF}Description"):
            _collect(description, "", found, depth=0)
    return found


def _collect(element: Element, path: str, found: dict[str, Any], *, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    for name, value in element.attrib.items():
        if not name.startswith((_RDF, "{http://www.w3.org/XML/")):
            _add(found, path + _name(name), value)
    for child in element:
        inner = path + _name(child.tag)
        items = next((part for part in child if part.tag in _LISTS), None)
        if items is not None:
            _collect_list(items, inner, found, depth=depth)
        elif len(child) or _has_own_attributes(child):
            # A structure: its parts stand in it directly, or in a Description inside it.
            for part in [part for part in child if part.tag == f"{_RDF}Description"] or [child]:
                _collect(part, f"{inner}/", found, depth=depth + 1)
        elif child.text:
            _add(found, inner, child.text.strip())


def _collect_list(items: Element, name: str, found: dict[str, Any], *, depth: int) -> None:
    texts = [item.text.strip() for item in items if item.text and item.text.strip()]
    if items.tag == f"{_RDF}Alt" and texts:
        default = [item.text for item in items if item.get(_XML_LANG) == "x-default" and item.text]
        _add(found, name, (default or texts)[0].strip())
        return
    for text in texts:
        _add(found, name, text)
    for item in items:
        if len(item) or _has_own_attributes(item):
            _collect(item, f"{name}/", found, depth=depth + 1)


def _has_own_attributes(element: Element) -> bool:
    return any(not name.startswith((_RDF, "{http://www.w3.org/XML/")) for name in element.attrib)


def _add(found: dict[str, Any], name: str, value: str) -> None:
    """A name that comes again makes a list."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _name(tag: str) -> str:
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    # An unknown namespace is called by the last part of its address.
    prefix = _PREFIXES.get(namespace) or namespace.rstrip("/#").rpartition("/")[2]
    return f"{prefix}:{local}" if prefix else local
