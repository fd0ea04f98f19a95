"""The XMP packet of a result: the master's own, and the statement that a trained network had a hand in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.dom import minidom
from xml.dom.minidom import Document, Element
from xml.parsers.expat import ExpatError

from mlcore.masters.jpeg_segments import extension_name

DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for a picture of which a trained algorithm made a part."""

_X = "adobe:ns:meta/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_MM = "http://ns.adobe.com/xap/1.0/mm/"
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_NOTE = "http://ns.adobe.com/xmp/note/"
_XMLNS = "http://www.w3.org/2000/xmlns/"
_PREFIXES = {_IPTC_EXT: "Iptc4xmpExt", _MM: "xmpMM", _EVENT: "stEvt", _NOTE: "xmpNote"}

# The packet's identifier is fixed by the XMP specification, part 1, section 7.3.2.
_PACKET = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n%s\n<?xpacket end="w"?>'
_STATEMENTS = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed")
_FORBIDDEN = ("<!DOCTYPE", "<!ENTITY")


@dataclass(frozen=True, slots=True)
class Marking:
    """What a result says of its making.

    ``software``: name and version of the program. ``model``: name of the network's version, ``model_sha256``
    of its weights. ``date``: when; without a time zone it is taken for UTC.
    """

    software: str
    model: str
    model_sha256: str
    date: datetime


def marked(packet: bytes | None, marking: Marking) -> bytes:
    """The XMP ``packet`` with the marking; a new one where there is none, or none that can be trusted.

    ``Iptc4xmpExt:DigitalSourceType``, ``AISystemUsed`` and ``AISystemVersionUsed`` are set, and
    ``xmpMM:History`` gets an entry; thumbnails, which show the master, go; all else stays as it was.
    """
    document, rdf = _parsed(packet)
    for name in _STATEMENTS:
        _taken(rdf, _IPTC_EXT, name)
    _taken(rdf, _XMP, "Thumbnails")
    description = _description(document, rdf)
    said = (DIGITAL_SOURCE_TYPE, marking.software, f"{marking.model} (SHA-256 {marking.model_sha256})")
    for name, value in zip(_STATEMENTS, said, strict=True):
        _set(description, _IPTC_EXT, name, value)
    _add_to_history(document, rdf, description, marking)
    return _packed(document)


def losses(packet: bytes | None) -> set[str]:
    """Codes of what ``marked`` does not keep of a packet: all of one that cannot be read, and thumbnails."""
    if not packet:
        return set()
    trusted = _trusted(packet)
    if trusted is None:
        return {"xmp-unreadable-dropped"}
    return {"previews-dropped"} if trusted[1].getElementsByTagNameNS(_XMP, "Thumbnails") else set()


def merged(packet: bytes, extension: bytes | None) -> bytes:
    """One packet from a JPEG's two: the extension's properties move into the packet."""
    if extension is None:
        return packet
    document, rdf = _parsed(packet)
    _, more = _parsed(extension)
    _taken(rdf, _NOTE, "HasExtendedXMP")
    for description in _descriptions(more):
        rdf.appendChild(document.importNode(description, deep=True))
    return _packed(document)


def divided(packet: bytes) -> tuple[bytes, bytes]:
    """A ``marked`` packet that does not fit into one segment of a JPEG as two: a short one with the marking's
    statements, and its extension with all the rest.
    """
    document, rdf = _parsed(packet)
    statements = {name: _taken(rdf, _IPTC_EXT, name) for name in _STATEMENTS}
    extension = _inner(document).encode()
    short, short_rdf = _fresh()
    description = _description(short, short_rdf)
    for name, value in statements.items():
        _set(description, _IPTC_EXT, name, value)
    _set(description, _NOTE, "HasExtendedXMP", extension_name(extension))
    return _packed(short), extension


def _parsed(packet: bytes | None) -> tuple[Document, Element]:
    """The packet's tree and the rdf:RDF in it; those of an empty one where it cannot be read."""
    return (packet and _trusted(packet)) or _fresh()


def _trusted(packet: bytes) -> tuple[Document, Element] | None:
    """Tree and rdf:RDF. Strangers wrote the packet: one with a document type is not read."""
    text = _decoded(packet)
    if text is None or any(word in text for word in _FORBIDDEN):
        return None
    try:
        document = minidom.parseString(text.encode())  # no document type, so no entities  # nosec B318
    except (ExpatError, ValueError):
        return None
    found = document.getElementsByTagNameNS(_RDF, "RDF")
    return (document, found[0]) if found else None


def _decoded(packet: bytes) -> str | None:
    """A packet may be UTF-8, or UTF-16 or 32 by its byte order mark or the zeros in it."""
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32"):
        try:
            text = packet.decode(encoding).strip("\ufeff\0 \r\n\t")
        except UnicodeDecodeError:
            continue
        if text.startswith("<") and "\0" not in text:
            return _without_declaration(text)
    return None


def _without_declaration(text: str) -> str:
    """What remains when the encoding that an XML declaration names no longer holds."""
    return text.partition("?>")[2].lstrip() if text.startswith("<?xml") else text


def _fresh() -> tuple[Document, Element]:
    """An empty packet."""
    empty = f'<x:xmpmeta xmlns:x="{_X}"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>'
    document = minidom.parseString(empty)  # our own text  # nosec B318
    return document, document.getElementsByTagNameNS(_RDF, "RDF")[0]


def _packed(document: Document) -> bytes:
    """The packet's bytes."""
    return (_PACKET % _inner(document)).encode()


def _inner(document: Document) -> str:
    """What a packet wraps; bare rdf:RDF gets its x:xmpmeta."""
    root = document.documentElement
    assert root is not None  # it has been parsed
    text: str = root.toxml()
    return f'<x:xmpmeta xmlns:x="{_X}">{text}</x:xmpmeta>' if root.namespaceURI == _RDF else text


def _descriptions(rdf: Element) -> list[Element]:
    return [node for node in _elements(rdf) if (node.namespaceURI, node.localName) == (_RDF, "Description")]


def _elements(parent: Element) -> list[Element]:
    return [node for node in parent.childNodes if isinstance(node, Element)]


def _taken(rdf: Element, namespace: str, name: str) -> str:
    """Take a property away wherever it is said; what it said last as an attribute."""
    value = ""
    for description in _descriptions(rdf):
        if description.hasAttributeNS(namespace, name):
            value = description.getAttributeNS(namespace, name)
            description.removeAttributeNS(namespace, name)
        for node in _elements(description):
            if (node.namespaceURI, node.localName) == (namespace, name):
                description.removeChild(node)
    return value


def _description(document: Document, rdf: Element) -> Element:
    """A new rdf:Description about the same resource as the others."""
    prefix = rdf.prefix or "rdf"
    about = next(
        (d.getAttributeNS(_RDF, "about") for d in _descriptions(rdf) if d.hasAttributeNS(_RDF, "about")), ""
    )
    description = document.createElementNS(_RDF, f"{prefix}:Description")
    if rdf.prefix is None:
        description.setAttributeNS(_XMLNS, "xmlns:rdf", _RDF)
    description.setAttributeNS(_RDF, f"{prefix}:about", about)
    rdf.appendChild(description)
    return description


def _set(description: Element, namespace: str, name: str, value: str) -> None:
    prefix = _PREFIXES[namespace]
    description.setAttributeNS(_XMLNS, f"xmlns:{prefix}", namespace)
    description.setAttributeNS(namespace, f"{prefix}:{name}", value)


def _add_to_history(document: Document, rdf: Element, description: Element, marking: Marking) -> None:
    """Append an event to xmpMM:History, or begin one in ``description``."""
    rdf_prefix = description.prefix
    for sequence in rdf.getElementsByTagNameNS(_RDF, "Seq"):
        parent = sequence.parentNode
        if isinstance(parent, Element) and (parent.namespaceURI, parent.localName) == (_MM, "History"):
            break
    else:
        history = document.createElementNS(_MM, "xmpMM:History")
        history.setAttributeNS(_XMLNS, "xmlns:xmpMM", _MM)
        sequence = document.createElementNS(_RDF, f"{rdf_prefix}:Seq")
        history.appendChild(sequence)
        description.appendChild(history)
    event = document.createElementNS(_RDF, f"{rdf_prefix}:li")
    event.setAttributeNS(_XMLNS, f"xmlns:{rdf_prefix}", _RDF)
    event.setAttributeNS(_XMLNS, "xmlns:stEvt", _EVENT)
    facts = {
        "action": "edited",
        "softwareAgent": marking.software,
        "when": _when(marking.date),
        "parameters": f"damage repaired by {marking.model}, weights SHA-256 {marking.model_sha256}",
        "changed": "/",
    }
    for name, value in facts.items():
        event.setAttributeNS(_EVENT, f"stEvt:{name}", value)
    sequence.appendChild(event)


def _when(date: datetime) -> str:
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return aware.isoformat(timespec="seconds")
