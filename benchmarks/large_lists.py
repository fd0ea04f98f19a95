"""Addresses of every page and list besides the galleries, for benchmarks.gallery to ask for."""

import random
from collections.abc import Sequence
from typing import Any

from archive.models import Collection, Event, FixityRun, Photo
from archive.querysets.pages import page_by_key
from benchmarks.large_archive import LargeArchive
from restoration.models import ModelVersion, Restoration
from restoration.querysets import RESTORATION_ORDERS, RESTORATION_STATES

API = "/api/v1/"


def list_pages(archive: LargeArchive, rounds: int) -> dict[str, list[str]]:
    """Addresses by kind of page; those of one kind differ in what they show, where that can be."""
    rng = random.Random(3)
    fonds = archive.fonds.pk
    # So that there is something to be seen at the guests' addresses.
    Collection.objects.filter(pk=fonds).update(is_public=True)
    model, run = ModelVersion.objects.earliest("pk").pk, FixityRun.objects.earliest("started_at").pk
    mine = Photo.objects.visible_to(archive.owner).order_by("pk")
    photos = _some(rng, mine.values_list("pk", flat=True), rounds)
    # Those that were restored most often.
    restorations = _some(
        rng, Restoration.objects.filter(photo__in=photos).values_list("pk", flat=True), rounds
    )
    sorts = ("", "?sort=damage", "?sort=oldest", "?damage=heavy")
    listed = f"{API}collections/{fonds}/restorations/"
    orders = [f"{listed}?ordering={name}" for name in RESTORATION_ORDERS]
    states = [f"{listed}?state={name}" for name in RESTORATION_STATES]
    whole = {
        "collections": "/",
        "review queue, everything": "/review/",
        "review summary": f"/collections/{fonds}/review/summary/",
        "progress": f"/collections/{fonds}/progress/",
        "progress, its poll": f"/collections/{fonds}/progress/state/",
        "collection's keeping and events": f"/collections/{fonds}/keeping/",
        "collection's events, another page": f"/collections/{fonds}/keeping/?page={_deep_in_log(archive)}",
        "collection's events, last page": f"/collections/{fonds}/keeping/?page=last",
        "archive's keeping": "/keeping/",
        "collection's edit": f"/collections/{fonds}/edit/",
        "collection's access": f"/collections/{fonds}/access/",
        "collection's descriptions": f"/collections/{fonds}/descriptions/",
        "collection's imports": f"/collections/{fonds}/imports/",
        "upload panel": f"/collections/{fonds}/upload/",
        "bin": "/bin/",
        "account": "/account/",
        "models": "/models/",
        "model": f"/models/{model}/",
        "metrics": "/metrics",
        "webhooks": "/account/webhooks/",
        "tokens": "/account/tokens/",
        "models compared": "/models/compare/",
        "training runs": "/models/training/",
        "public collections": "/public/",
        "public collection": f"/public/collections/{fonds}/",
        "public collection, last page": f"/public/collections/{fonds}/?before=end",
        "sitemap": "/sitemap.xml",
        "sitemap's last page": f"/sitemap-photos.xml?p={archive.photos // 1100}",
        "OAI-PMH: records": "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "IIIF: all collections": "/iiif/collection",
        "IIIF: collection": f"/iiif/collections/{fonds}",
        "API: webhooks": f"{API}webhooks/",
        "API: imports": f"{API}collections/{fonds}/imports/",
        "API: collections": f"{API}collections/",
        "API: collection": f"{API}collections/{fonds}/",
        "API: collection's photos": f"{API}collections/{fonds}/photos/",
        "API: collection's restorations": listed,
        "API: progress": f"{API}collections/{fonds}/progress/",
        "API: review figures": f"{API}collections/{fonds}/review/figures/",
        "API: collection's events": f"{API}collections/{fonds}/events/",
        "API: collection's events, of a kind": f"{API}collections/{fonds}/events/?kind=photo-ingested",
        "API: collection's events, none found": f"{API}collections/{fonds}/events/?outcome=fail",
        "API: collection's fixity": f"{API}collections/{fonds}/fixity/",
        "API: fixity": f"{API}fixity/",
        "API: fixity runs": f"{API}fixity/runs/",
        "API: fixity run": f"{API}fixity/runs/{run}/",
        "API: bin": f"{API}bin/photos/",
        "API: models": f"{API}models/",
        "API: model": f"{API}models/{model}/",
        "API: users": f"{API}users/",
    }
    several = {
        "API: restorations, in an order": [orders[n % len(orders)] for n in range(rounds)],
        "API: restorations, of a state": [states[n % len(states)] for n in range(rounds)],
        "review queue": [f"/collections/{fonds}/review/{sorts[n % len(sorts)]}" for n in range(rounds)],
        "photo": [f"/photos/{photo}/" for photo in photos],
        "public photo": [f"/public/photos/{photo}/" for photo in photos],
        "IIIF: manifest": [f"/iiif/photos/{photo}/manifest" for photo in photos],
        "photo's status": [f"/photos/{photo}/status/" for photo in photos],
        "photo's versions": [f"/photos/{photo}/versions/" for photo in photos],
        "photo's card": [f"/photos/{photo}/card/" for photo in photos],
        "API: photo": [f"{API}photos/{photo}/" for photo in photos],
        "API: photo's restorations": [f"{API}photos/{photo}/restorations/" for photo in photos],
        "API: photo's events": [f"{API}photos/{photo}/events/" for photo in photos],
        "API: photo's fixity": [f"{API}photos/{photo}/fixity/" for photo in photos],
        "API: near duplicates": [f"{API}photos/{photo}/alike/" for photo in photos],
        "API: restoration": [f"{API}restorations/{restoration}/" for restoration in restorations],
    }
    return {name: [address] * rounds for name, address in whole.items()} | several


def _deep_in_log(archive: LargeArchive) -> str:
    """The page after the event in the middle of the collection's log."""
    keys = Collection.objects.within(archive.fonds).keys_to_filter_by()
    log = Event.objects.filter(collection__in=keys).for_lists()
    row = log.values_list("created_at", flat=True)[log.count() // 2]
    around = Event.objects.filter(created_at__lte=row).for_lists()
    place = page_by_key(around, size=50, collections=keys).next
    assert place is not None
    return place


def _some(rng: random.Random, keys: Any, number: int) -> Sequence[Any]:
    total = keys.count()
    return [keys[rng.randrange(total)] for _ in range(number)]
