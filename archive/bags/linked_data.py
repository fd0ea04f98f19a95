"""Metadata as JSON-LD in the words of Dublin Core and schema.org, for whoever knows neither Pulih nor its
tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.files.derivatives import Derivative
from archive.models import Collection, Photo

_TERMS = {
    "title": "dcterms:title",
    "description": "dcterms:description",
    "creator": "dcterms:creator",
    "contributor": "dcterms:contributor",
    "publisher": "dcterms:publisher",
    "date_edtf": "dcterms:date",
    "place": "dcterms:spatial",
    "rights": "dcterms:rights",
    "language": "dcterms:language",
    "source": "dcterms:source",
    "relation": "dcterms:relation",
    "call_number": "dcterms:identifier",
    "notes": "skos:note",
}
_CONTEXT = {
    "dcterms": "http://purl.org/dc/terms/",
    "dcmitype": "http://purl.org/dc/dcmitype/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms:date": {"@type": "edtf:EDTF"},
    "dcterms:isPartOf": {"@type": "@id"},
    "schema:contentUrl": {"@type": "@id"},
    "schema:associatedMedia": {"@type": "@id"},
    "schema:isBasedOn": {"@type": "@id"},
    "schema:digitalSourceType": {"@type": "@id"},
    "schema:dateCreated": {"@type": "xsd:dateTime"},
    "schema:uploadDate": {"@type": "xsd:dateTime"},
}

Node = dict[str, Any]


def collection_node(collection: Collection) -> Node:
    """A collection, and what it is part of."""
    node: Node = {"@id": _urn(collection.pk), "@type": ["dcmitype:Collection", "schema:ArchiveComponent"]}
    node |= _described(collection, COLLECTION_FIELDS)
    if collection.parent_id is not None:
        node["dcterms:isPartOf"] = _urn(collection.parent_id)
    return node


def photo_nodes(photo: Photo, *, path: str, unchanged: bool) -> Iterator[Node]:
    """A photo and its original, which lies at `path` in the bag, as it came in (`unchanged`) or not quite.

    Needs its original and its tags.
    """
    original = photo.original
    yield {
        "@id": _urn(photo.pk),
        "@type": ["dcmitype:StillImage", "schema:Photograph"],
        **_described(photo, PHOTO_FIELDS),
        **_unless_empty("dcterms:subject", sorted(tag.name for tag in photo.tags.all())),
        "dcterms:isPartOf": _urn(photo.collection_id),
        "schema:associatedMedia": _address(path),
    }
    yield _file_node(
        path,
        name=photo.filename,
        media_type=original.media_type,
        width=original.width,
        height=original.height,
        sha256=original.sha256 if unchanged else "",
        byte_size=original.byte_size if unchanged else 0,
    ) | {"schema:uploadDate": photo.created_at.isoformat()}


def derivative_node(derivative: Derivative, *, path: str, original: str, unchanged: bool) -> Node:
    """A derivative at `path` in the bag, and the `original` that it was made from."""
    return _file_node(
        path,
        name=path.rpartition("/")[2],
        media_type=derivative.media_type,
        width=derivative.width,
        height=derivative.height,
        sha256=derivative.work.file.sha256 if unchanged else "",
        byte_size=derivative.byte_size if unchanged else 0,
    ) | {
        "schema:about": {"@id": _urn(derivative.photo_id)},
        "schema:isBasedOn": _address(original),
        "schema:dateCreated": derivative.made_at.isoformat(),
        "schema:digitalSourceType": derivative.source_type,
        "schema:creator": {"@type": "schema:SoftwareApplication", "schema:name": derivative.software},
    }


def document(nodes: Iterable[Node]) -> Iterator[str]:
    """One JSON-LD document of all the nodes, in pieces."""
    yield f'{{"@context": {json.dumps(_CONTEXT)},\n"@graph": ['
    separator = "\n"
    for node in nodes:
        yield separator + json.dumps(node, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _described(row: Collection | Photo, fields: Iterable[str]) -> Node:
    return {_TERMS[name]: value for name in fields if (value := getattr(row, name))}


def _file_node(
    path: str, *, name: str, media_type: str, width: int, height: int, sha256: str, byte_size: int
) -> Node:
    return {
        "@id": _address(path),
        "@type": "schema:ImageObject",
        "schema:name": name,
        "schema:contentUrl": _address(path),
        "schema:encodingFormat": media_type,
        "schema:width": width,
        "schema:height": height,
        **_unless_empty("schema:sha256", sha256),
        **_unless_empty("schema:contentSize", str(byte_size or "")),
    }


def _unless_empty(term: str, value: Any) -> Node:
    return {term: value} if value else {}


def _urn(key: object) -> str:
    return f"urn:uuid:{key}"


def _address(path: str) -> str:
    """Relative to the document, which lies in data/metadata/."""
    return f"../{quote(path)}"
