"""Where the face is, and which parts of it are vital."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data
from skimage.feature import Cascade

from mlcore.images import Bytes

Mask = NDArray[np.bool_]
Box = tuple[float, float, float]
"""A face's square: row, column, side, in pixels."""

ALIGNED_BOX = (0.22, 0.17, 0.65)
"""Row, column and width of the cascade's mean box on aligned portraits, as shares of the picture."""

DETECTION_SIDE = 256
"""Long side in pixels at which faces are looked for; the cascade's cost grows with area."""

# Centre (x, y) and half axes of ellipses, as shares of the cascade's box.
FACE = (0.50, 0.47, 0.46, 0.62)
VITAL = (
    (0.30, 0.36, 0.16, 0.10),  # one eye with its brow
    (0.70, 0.36, 0.16, 0.10),  # the other
    (0.50, 0.56, 0.12, 0.17),  # nose
    (0.50, 0.79, 0.21, 0.10),  # mouth
)


@dataclass(frozen=True, slots=True)
class Zones:
    """Boolean (H, W) maps. ``vital``: eyes, nose, mouth. ``skin``: the rest of the face (cheek, forehead).
    ``outside``: hair and background. ``faces_found``: False where the aligned geometry stands in."""

    vital: Mask
    skin: Mask
    outside: Mask
    faces_found: bool

    @property
    def anywhere(self) -> Mask:
        """The whole picture."""
        return np.ones_like(self.outside)


def find_zones(image: Bytes) -> Zones:
    """Divide (H, W, 3) uint8 into zones, by scikit-image's face cascade or by aligned geometry."""
    return zones_of(image.shape[0], image.shape[1], find_faces(image))


def zones_of(height: int, width: int, boxes: Sequence[Box]) -> Zones:
    """The zones of a picture with these faces; where there is none, of an aligned portrait."""
    faces_found = bool(boxes)
    if not boxes:
        row, column, share = ALIGNED_BOX
        side = min(height, width)
        boxes = [((height - side) / 2 + row * side, (width - side) / 2 + column * side, share * side)]
    face = np.zeros((height, width), np.uint8)
    vital = np.zeros((height, width), np.uint8)
    for box in boxes:
        _draw_ellipse(face, box, FACE)
        for part in VITAL:
            _draw_ellipse(vital, box, part)
    vital_map = vital.astype(bool)
    face_map = face.astype(bool) | vital_map
    return Zones(vital=vital_map, skin=face_map & ~vital_map, outside=~face_map, faces_found=faces_found)


@lru_cache(maxsize=1)
def _cascade() -> Cascade:
    return Cascade(data.lbp_frontal_face_cascade_filename())


def find_faces(image: Bytes) -> list[Box]:
    """The faces in (H, W, 3) uint8, by scikit-image's cascade."""
    height, width = image.shape[:2]
    scale = min(1.0, DETECTION_SIDE / max(height, width))
    if min(height, width) * scale < 48:
        return []
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    side = min(small.shape[:2])
    found = _cascade().detect_multi_scale(
        img=small, scale_factor=1.2, step_ratio=1, min_size=(side // 4, side // 4), max_size=(side, side)
    )
    return [(box["r"] / scale, box["c"] / scale, box["width"] / scale) for box in found]


def _draw_ellipse(canvas: Bytes, box: Box, part: tuple[float, float, float, float]) -> None:
    row, column, side = box
    x, y, half_width, half_height = part
    centre = (round(column + x * side), round(row + y * side))
    axes = (max(1, round(half_width * side)), max(1, round(half_height * side)))
    cv2.ellipse(canvas, centre, axes, 0, 0, 360, 1, thickness=-1)
