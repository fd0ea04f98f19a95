"""What programs that look around are told: where they may look, and what there is to be found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.access.visitors import Guest
from archive.models import Collection, Photo
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

    def items(self) -> QuerySet[Photo]:
        return Photo.objects.visible_to(Guest()).only("pk", "updated_at").order_by("created_at", "pk")

    def location(self, item: Photo) -> str:
        return reverse("restoration:guest_photo", args=[item.pk])

    def lastmod(self, item: Photo) -> Any:
        return item.updated_at

    def get_latest_lastmod(self) -> Any:
        """As the index tells it, without looking at each photo."""
        return self.items().aggregate(latest=Max("updated_at"))["latest"]


SITEMAPS = {"collections": PublicCollections, "photos": PublicPhotos}
