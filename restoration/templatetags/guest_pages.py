"""Pictures on the pages for guests, at addresses that guests may open."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django import template
from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe

from archive.access.guests import guest_of
from archive.models import Photo
from archive.presentation.pictures import ShownPicture, original_picture
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.comparisons import comparison_of
from restoration.presentation.exhibitions import wants_originals
from restoration.presentation.pictures import result_picture
from restoration.querysets import photos_for_gallery

register = template.Library()

_HARMLESS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@register.inclusion_tag("components/_comparison.html")
def guest_comparison(
    photo: Photo, restoration: Restoration | None, may_download: bool, page: int
) -> dict[str, Any]:
    """`{% guest_comparison photo restoration may_download page %}`: the original, and an approved result
    where there is one. Tiles are for whoever may download.
    """
    return comparison_of(photo, restoration, for_guests=True, in_full=may_download, page=page)


@register.simple_tag
def shown_picture(photo: GalleryPhoto, originals: bool, kind: str) -> ShownPicture:
    """The photo's approved restoration, which is all that guests have fetched; the original where there is
    none or where `originals` are wanted.
    """
    restoration = photo.latest_restoration
    if restoration and not originals:
        wanted = result_picture(restoration, kind, for_guests=True)
    else:
        wanted = original_picture(photo, kind, for_guests=True)
    return replace(wanted, alt=str(photo))


@register.simple_tag(takes_context=True)
def with_covers(context: Any, collections: Any) -> list[tuple[Any, ShownPicture | None, bool]]:
    """`{% with_covers collections as shown %}`: each collection (from `with_overview`), its cover as this
    guest sees it, and whether that is a restoration.
    """
    request = context["request"]
    originals = wants_originals(request)
    keys = [each.covers[0].pk for each in collections if each.covers]
    photos = {photo.pk: photo for photo in photos_for_gallery(guest_of(request), keys)}
    found = []
    for each in collections:
        photo = photos.get(each.covers[0].pk) if each.covers else None
        picture = shown_picture(photo, originals, "thumbnail") if photo else None
        found.append((each, picture, bool(photo and photo.latest_restoration and not originals)))
    return found


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """`data` for a script element that holds no script: nothing in it can end the element."""
    return mark_safe(json.dumps(data, ensure_ascii=False, indent=1).translate(_HARMLESS))  # nosec B308 B703


@register.filter
def with_links(text: str) -> SafeString:
    """Addresses in `text`, such as those of licences, as links."""
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # urlize escapes  # nosec B308 B703
