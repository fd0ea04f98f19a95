"""The six verbs of OAI-PMH 2.0: https://www.openarchives.org/OAI/openarchivesprotocol.html"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.models import Photo
from archive.oai.documents import (
    DC_NAMESPACE,
    DC_SCHEMA,
    element,
    header,
    metadata,
    set_element,
)
from archive.oai.holdings import PublicHoldings, PublicSet
from archive.oai.requests import OAI_DC, TOKEN_HOURS, HarvestRequest, OAIError, key_of, stamp
from archive.presentation.addresses import site_address

PAGE_SIZE = 200
"""Items of one answer; the next ones come for its resumption token."""


def perform(asked: HarvestRequest, request: HttpRequest, base: str) -> ET.Element:
    """The answer's body. Raises OAIError by the protocol's codes."""
    return _VERBS[asked.verb](asked, request, base)


def _identify(asked: HarvestRequest, request: HttpRequest, base: str) -> ET.Element:
    name = settings.PULIH_ORGANISATION or f"Pulih, {site_address(request)}"
    said = {
        "repositoryName": name,
        "baseURL": base,
        "protocolVersion": "2.0",
        "adminEmail": settings.DEFAULT_FROM_EMAIL,
        "earliestDatestamp": stamp(PublicHoldings().earliest()),
        # What is deleted, or no longer public, is not announced: see docs/iiif-and-oai.md.
        "deletedRecord": "no",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }
    return element("Identify", *(element(term, text=text) for term, text in said.items()))


def _list_formats(asked: HarvestRequest, request: HttpRequest, base: str) -> ET.Element:
    if "identifier" in asked.arguments:
        _photo(asked, PublicHoldings())
    return element(
        asked.verb,
        element(
            "metadataFormat",
            element("metadataPrefix", text=OAI_DC),
            element("schema", text=DC_SCHEMA),
            element("metadataNamespace", text=DC_NAMESPACE),
        ),
    )


def _list_sets(asked: HarvestRequest, request: HttpRequest, base: str) -> ET.Element:
    every = list(PublicHoldings().sets.values())
    if not every:
        raise OAIError("noRecordsMatch", _("No collection is public."))
    left = [each for each in every if str(each.collection.pk) > asked.after]
    shown: Sequence[PublicSet] = left[:PAGE_SIZE]
    return element(
        asked.verb,
        *(set_element(each.collection, each.spec) for each in shown),
        *_token(asked, [each.collection.pk for each in shown], len(left) > len(shown), len(every)),
    )


def _list_items(asked: HarvestRequest, request: HttpRequest, base: str) -> ET.Element:
    holdings = PublicHoldings()
    chosen = holdings.keys(spec=asked.arguments.get("set", ""), begin=asked.begin, end=asked.end)
    left = chosen.filter(photo_id__gt=UUID(asked.after)) if asked.after else chosen
    found = list(left[: PAGE_SIZE + 1])
    if not found and not asked.sent:
        raise OAIError("noRecordsMatch", _("No public photo is like that."))
    more = len(found) > PAGE_SIZE
    # Counted where a token says it, and not for the one answer that holds everything.
    total = chosen.count() if more or asked.sent else len(found)
    # Looked up by their keys: a database that sorts whole photos takes several times as long.
    photos = holdings.photos().filter(pk__in=found[:PAGE_SIZE]).order_by("pk")
    whole = asked.verb == "ListRecords"
    if whole:
        photos = photos.select_related("original").defer("original__embedded").prefetch_related("tags")
    items = [_record(each, holdings, request) if whole else _header(each, holdings) for each in photos]
    return element(asked.verb, *items, *_token(asked, [each.pk for each in photos], more, total))


def _get_record(asked: HarvestRequest, request: HttpRequest, base: str) -> ET.Element:
    holdings = PublicHoldings()
    return element(asked.verb, _record(_photo(asked, holdings), holdings, request))


_VERBS: dict[str, Callable[[HarvestRequest, HttpRequest, str], ET.Element]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "ListIdentifiers": _list_items,
    "ListRecords": _list_items,
    "GetRecord": _get_record,
}


def _photo(asked: HarvestRequest, holdings: PublicHoldings) -> Photo:
    key = key_of(asked.arguments["identifier"])
    photo = holdings.photos().select_related("original").filter(pk=key).first() if key else None
    if photo is None:
        raise OAIError("idDoesNotExist", _("No public photo has this identifier."))
    return photo


def _record(photo: Photo, holdings: PublicHoldings, request: HttpRequest) -> ET.Element:
    return element("record", _header(photo, holdings), metadata(photo, request))


def _header(photo: Photo, holdings: PublicHoldings) -> ET.Element:
    return header(photo, holdings.stamp_of(photo), holdings.sets[photo.collection_id].spec)


def _token(asked: HarvestRequest, sent: list[UUID], more: bool, total: int) -> list[ET.Element]:
    """What leads on; empty at the end of a list that came in several answers, none for one that did not."""
    if not more and not asked.sent:
        return []
    about = {"cursor": str(asked.sent), "completeListSize": str(total)}
    if not more:
        return [element("resumptionToken", text="", **about)]
    about["expirationDate"] = stamp(timezone.now() + timedelta(hours=TOKEN_HOURS))
    return [element("resumptionToken", text=asked.token_after(str(sent[-1]), len(sent)), **about)]
