"""Photos that look alike, for people to look at; nothing is ever merged because of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from archive.access.visitors import Visitor
from archive.finding.likeness import MAX_DISTANCE, distance, near_bands
from archive.models import Original, Photo

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A photo that looks like another: in `distance` of 64 bits different, at most MAX_DISTANCE.

    `is_same_file`: it is the same, byte for byte.
    """

    photo: Photo
    distance: int
    is_same_file: bool


def near_duplicates(photo: Photo, visitor: Visitor) -> list[NearDuplicate]:
    """Photos that `visitor` may see and that look like `photo`, the nearest first, at most MOST_SHOWN.

    Two queries, through indexes, however many photos there are.
    """
    distances = {photo.original_id: 0} | _near_originals(photo.original)
    alike = Photo.objects.visible_to(visitor).filter(original__in=list(distances)).exclude(pk=photo.pk)
    found = [
        NearDuplicate(other, distances[other.original_id], other.original_id == photo.original_id)
        for other in alike.select_related("original", "collection").order_by("pk")[: MOST_SHOWN * 4]
    ]
    return sorted(found, key=lambda near: (not near.is_same_file, near.distance))[:MOST_SHOWN]


def _near_originals(original: Original) -> dict[object, int]:
    look = original.perceptual_hash
    if look is None:
        return {}
    bands = enumerate(near_bands(look))
    shares_a_band = reduce(or_, (Q(**{f"hash_band_{band}__in": values}) for band, values in bands))
    candidates = Original.objects.filter(shares_a_band).values_list("pk", "perceptual_hash")
    return {
        pk: apart
        for pk, other in candidates
        if other is not None and (apart := distance(look, other)) <= MAX_DISTANCE
    }
