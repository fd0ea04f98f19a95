"""Answers of OAI-PMH as XML: records in simple Dublin Core, sets, and the envelope around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from xml.etree import ElementTree as ET

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from archive.models import Collection, Photo
from archive.oai.requests import OAI_DC, OAIError, item_identifier, stamp
from archive.presentation.addresses import absolute

_OAI = "http://www.openarchives.org/OAI/2.0/"
DC_NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
for _prefix, _uri in (("", _OAI), (OAI_DC, DC_NAMESPACE), ("dc", _DC), ("xsi", _XSI)):
    ET.register_namespace(_prefix, _uri)

_PHOTO_TERMS = {
    "creator": "creator",
    "description": "description",
    "publisher": "publisher",
    "contributor": "contributor",
    "date_edtf": "date",
    "source": "source",
    "language": "language",
    "relation": "relation",
    "place": "coverage",
    "rights": "rights",
}
# What XML 1.0 has no way of writing.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, *children: ET.Element, text: str = "", **attributes: str) -> ET.Element:
    """An element of the protocol."""
    made = ET.Element(f"{{{_OAI}}}{name}", attributes)
    made.text = _UNWRITABLE.sub("", text) or None
    made.extend(children)
    return made


def header(photo: Photo, moment: datetime, spec: str) -> ET.Element:
    """A photo's name, its stamp, and the set in which it lies."""
    return element(
        "header",
        element("identifier", text=item_identifier(photo.pk)),
        element("datestamp", text=stamp(moment)),
        element("setSpec", text=spec),
    )


def metadata(photo: Photo, request: HttpRequest) -> ET.Element:
    """A photo's description. Needs `photo.original` and its tags."""
    page = absolute(reverse("restoration:guest_photo", args=[photo.pk]), request)
    terms = [("title", str(photo))]
    terms += [("subject", name) for name in sorted(tag.name for tag in photo.tags.all())]
    terms += [(term, getattr(photo, field)) for field, term in _PHOTO_TERMS.items()]
    terms += [
        ("type", "StillImage"),
        ("format", photo.original.media_type),
        ("identifier", page),
        ("identifier", photo.call_number),
        # Where to see it: catalogues show pictures by their manifests.
        ("relation", absolute(reverse("iiif:manifest", args=[photo.pk]), request)),
    ]
    return element("metadata", _dublin_core(terms))


def set_element(collection: Collection, spec: str) -> ET.Element:
    """A public collection as a set."""
    terms = [
        ("description", collection.description),
        ("creator", collection.creator),
        ("date", collection.date_edtf),
        ("rights", collection.rights),
        ("identifier", collection.call_number),
    ]
    described = [element("setDescription", _dublin_core(terms))] if any(text for _term, text in terms) else []
    return element(
        "set",
        element("setSpec", text=spec),
        element("setName", text=collection.title),
        *described,
    )


def answer(arguments: Mapping[str, str], body: ET.Element, base: str) -> bytes:
    """The whole answer to a request with these arguments, the verb among them."""
    return _document(element("request", text=base, **arguments), [body])


def refusal(arguments: Mapping[str, str], error: OAIError, base: str) -> bytes:
    """The answer to a request that cannot be met."""
    repeated = arguments if error.says_what else {}
    return _document(
        element("request", text=base, **repeated), [element("error", text=error.message, code=error.code)]
    )


def _document(request: ET.Element, body: Iterable[ET.Element]) -> bytes:
    root = element("OAI-PMH", element("responseDate", text=stamp(timezone.now())), request, *body)
    root.set(f"{{{_XSI}}}schemaLocation", f"{_OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd")
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True)


def _dublin_core(terms: Iterable[tuple[str, str]]) -> ET.Element:
    record = ET.Element(f"{{{DC_NAMESPACE}}}dc", {f"{{{_XSI}}}schemaLocation": f"{DC_NAMESPACE} {DC_SCHEMA}"})
    for term, text in terms:
        if text:
            ET.SubElement(record, f"{{{_DC}}}{term}").text = _UNWRITABLE.sub("", text)
    return record
