"""What programs that look around are told: where they may look, and what there is to be found."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.access.visitors import Guest
from archive.models import CatalogueEntry, Collection, Photo
from archive.presentation.addresses import absolute


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The public pages and nothing else. What share links open says "noindex" itself."""
    context = {"sitemap": absolute(reverse("restoration:sitemap"), request)}
    return render(request, "restoration/robots.txt", context, content_type="text/plain")


class _PublicSitemap(Sitemap):
    """Addresses at PULIH_ADDRESS, or at the host of the request; a thousand a page, which is answered at once
    (the format would allow 50,000).
    """

    limit = 1000

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.PULIH_ADDRESS).netloc or super().get_domain(site)

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.PULIH_ADDRESS).scheme or super().get_protocol(protocol)


class PublicCollections(_PublicSitemap):
    """Every collection that everybody may see."""

    def items(self) -> QuerySet[Collection]:
        return Collection.objects.visible_to(Guest()).only("pk").order_by("pk")

    def location(self, item: Collection) -> str:
        return reverse("restoration:guest_collection", args=[item.pk])


class PublicPhotos(_PublicSitemap):
    """Every photo in them."""

    def items(self) -> Any:
        return _PublicEntries()

    def location(self, item: tuple[UUID, datetime]) -> str:
        return reverse("restoration:guest_photo", args=[item[0]])

    def lastmod(self, item: tuple[UUID, datetime]) -> datetime:
        return item[1]

    def get_latest_lastmod(self) -> datetime | None:
        """As the index tells it, without looking at each photo."""
        public = Photo.objects.visible_to(Guest())
        latest: datetime | None = public.aggregate(latest=Max("updated_at"))["latest"]
        return latest


class _PublicEntries:
    """Keys of the public photos and when each was changed, collection by collection, the oldest first.

    What a page needs of a sequence. Skipping what comes before a page reads an index of the catalogue and no
    row; in an order that has no index, the last page of 100,000 takes ten times as long.
    """

    _ORDER = ("-collection_id", "added_at", "id")

    def __init__(self) -> None:
        keys = Collection.objects.visible_to(Guest()).keys_to_filter_by()
        self._entries = CatalogueEntry.objects.of_collections(keys)

    def count(self) -> int:
        return self._entries.count()

    def __getitem__(self, part: slice) -> QuerySet[CatalogueEntry, tuple[UUID, datetime]]:
        keys = list(self._entries.order_by(*self._ORDER).values_list("pk", flat=True)[part])
        shown = CatalogueEntry.objects.filter(pk__in=keys).order_by(*self._ORDER)
        return shown.values_list("photo_id", "photo__updated_at")


SITEMAPS = {"collections": PublicCollections, "photos": PublicPhotos}
