"""What info.json says of a picture."""

from __future__ import annotations

import math
from typing import Any

from rest_framework.request import Request

from archive.iiif.addresses import service_address
from archive.iiif.parameters import EXTRA_FORMATS, MAX_AREA, MAX_SIDE
from archive.iiif.pictures import ServedPicture
from archive.zooming.pyramids import TILE_SIDE

LEVEL_2 = "http://iiif.io/api/image/3/level2.json"
_CONTEXT = "http://iiif.io/api/image/3/context.json"


def image_information(picture: ServedPicture, request: Request) -> dict[str, Any]:
    """The document, with the sizes that cost least to make."""
    longest = max(picture.width, picture.height)
    halvings = max(0, math.ceil(math.log2(longest / TILE_SIDE)))
    factors = [2**each for each in range(halvings + 1)]
    sizes = [
        {"width": math.ceil(picture.width / factor), "height": math.ceil(picture.height / factor)}
        for factor in reversed(factors)
    ]
    return {
        "@context": _CONTEXT,
        **image_service(picture, request),
        "protocol": "http://iiif.io/api/image",
        "width": picture.width,
        "height": picture.height,
        "maxWidth": MAX_SIDE,
        "maxHeight": MAX_SIDE,
        "maxArea": MAX_AREA,
        "sizes": [size for size in sizes if size["width"] * size["height"] <= MAX_AREA],
        "tiles": [{"width": TILE_SIDE, "scaleFactors": factors}],
        "extraFormats": list(EXTRA_FORMATS),
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["canonicalLinkHeader", "mirroring", "profileLinkHeader"],
    }


def image_service(picture: ServedPicture, request: Request) -> dict[str, str]:
    """The picture's service, as info.json and manifests name it."""
    return {
        "id": service_address(picture.identifier, request),
        "type": "ImageService3",
        "profile": "level2",
    }
