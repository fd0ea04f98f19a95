"""IIIF and OAI-PMH, for viewers and harvesters of other houses: one address for members and for guests."""

from typing import Any

from tests.architecture.permission_levels import ANYBODY, ONLOOKER, Entry


def _picture(world: Any) -> dict[str, Any]:
    return {"identifier": f"original-{world.photo.pk}"}


def _part(world: Any) -> dict[str, Any]:
    asked = {"region": "full", "size": "max", "rotation": "0", "quality": "default", "format": "jpg"}
    return {"identifier": f"restored-{world.restoration.pk}"} | asked


ENTRIES = {
    "iiif:root": Entry(get=(ANYBODY, "read")),
    "iiif:collection": Entry(get=(ONLOOKER, "read")),
    "iiif:collection_page": Entry(
        get=(ONLOOKER, "read"), args=lambda world: {"collection_id": world.collection.pk, "number": 1}
    ),
    "iiif:manifest": Entry(get=(ONLOOKER, "read")),
    "iiif:image": Entry(get=(ONLOOKER, "read"), args=_picture),
    "iiif:image_info": Entry(get=(ONLOOKER, "read"), args=_picture),
    "iiif:image_part": Entry(get=(ONLOOKER, "read"), args=_part),
    "oai": Entry(get=ANYBODY, post=ANYBODY, query="verb=Identify"),
}
