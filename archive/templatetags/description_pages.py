"""Descriptions and the tree of collections in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.text import capfirst

from archive.description.date_words import date_in_words
from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.models import Collection, Photo
from archive.presentation.overviews import with_overview

register = template.Library()
register.filter("in_words", date_in_words)

SHOWN_PARTS = 60
_BLOCKS = {"exif": "EXIF", "iptc": "IPTC", "xmp": "XMP"}


@register.inclusion_tag("archive/_trail.html", takes_context=True)
def collection_trail(context: Any, collection: Collection, with_itself: bool = False) -> dict[str, Any]:
    """Links to everything above `collection` that the person may see, from the top; to itself if asked."""
    visible = Collection.objects.visible_to(context["request"].user)
    above = visible.filter(below__descendant=collection, below__distance__gte=0 if with_itself else 1)
    return {"above": above.order_by("-below__distance")}


@register.inclusion_tag("archive/_parts.html", takes_context=True)
def collection_parts(context: Any, collection: Collection) -> dict[str, Any]:
    """The collections that stand in `collection` and that the person may see, by call number and title."""
    request = context["request"]
    visible = Collection.objects.visible_to(request.user).filter(parent=collection)
    wants_all = request.GET.get("parts") == "all"
    ordered = with_overview(visible).order_by("call_number", "title", "id")
    parts = list(ordered if wants_all else ordered[: SHOWN_PARTS + 1])
    more = not wants_all and len(parts) > SHOWN_PARTS
    return {"collection": collection, "parts": parts[:SHOWN_PARTS] if more else parts, "more": more}


@register.inclusion_tag("archive/_description.html")
def photo_description(photo: Photo, can_describe: bool = False) -> dict[str, Any]:
    """What is said about a photo; with a way to change it for who may."""
    said = _said(photo, [name for name in PHOTO_FIELDS if name != "title"])
    return {"photo": photo, "said": said, "tags": photo.tags.all(), "can_describe": can_describe}


@register.inclusion_tag("archive/_collection_description.html")
def collection_description(collection: Collection) -> dict[str, Any]:
    """What is said about a collection, without its title."""
    named = [name for name in COLLECTION_FIELDS if name not in {"title", "description"}]
    return {"collection": collection, "said": _said(collection, named)}


@register.inclusion_tag("archive/_embedded.html")
def embedded_metadata(photo: Photo) -> dict[str, Any]:
    """What the photo's file says about itself, block by block. For members: it may tell where that was."""
    embedded = photo.original.embedded
    blocks = [
        (title, [(name, _one_line(value)) for name, value in embedded[block].items()])
        for block, title in _BLOCKS.items()
        if embedded.get(block)
    ]
    return {"blocks": blocks}


def _said(row: Photo | Collection, names: list[str]) -> list[tuple[str, str]]:
    labels = {name: capfirst(str(row._meta.get_field(name).verbose_name)) for name in names}  # type: ignore[union-attr]
    return [(labels[name], _shown(name, getattr(row, name))) for name in names if getattr(row, name)]


def _shown(name: str, text: str) -> str:
    """A date in words, with what was written beside it; anything else as it is."""
    words = date_in_words(text) if name == "date_edtf" else text
    return text if words == text else format_html('{} <code class="soft" title="EDTF">{}</code>', words, text)


def _one_line(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
