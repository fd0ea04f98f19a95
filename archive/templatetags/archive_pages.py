"""Pictures of the archive in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.urls import reverse

from archive.events.types import event_sentence
from archive.fixity.standing import standing_of_photo
from archive.models import Collection, Event, Photo
from archive.presentation.pictures import ShownPicture, original_picture

register = template.Library()


@register.simple_tag
def original_rendition(photo: Photo, kind: str) -> ShownPicture:
    """`{% original_rendition photo "web" as before %}`"""
    return original_picture(photo, kind)


@register.inclusion_tag("archive/_cover.html")
def collection_cover(collection: Any) -> dict[str, Any]:
    """The cover of a collection that came from `with_overview`."""
    return {"picture": original_picture(collection.covers[0], "thumbnail") if collection.covers else None}


@register.simple_tag(name="event_sentence")
def event_sentence_of(event: Event) -> str:
    """What happened, in the reader's language."""
    return event_sentence(event.kind)


@register.inclusion_tag("archive/_photo_keeping.html", takes_context=True)
def photo_keeping(context: Any, photo: Photo, may_check: bool) -> dict[str, Any]:
    """Fixity of the photo's files, and for its curators a check and deletion. Needs `photo.original`."""
    return {
        "photo": photo,
        "standing": standing_of_photo(photo),
        "address": reverse("archive:photo_fixity", args=[photo.pk]),
        "may_check": may_check,
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def is_owned_by(collection: Collection, user: User) -> bool:
    """`{% if collection|is_owned_by:request.user %}`: whether this person decides who comes in."""
    return Collection.objects.owned_by(user).filter(pk=collection.pk).exists()
