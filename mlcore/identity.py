"""Is a restored face still the same person? Distance of face descriptors, restored to clean.

An extra: it needs the packages of ``requirements-benchmark.txt``. Descriptors after King: Dlib-ml, JMLR 10,
2009, with his ResNet (dlib's face recognition model, 2017; 128 numbers, under 0.6 apart: taken for one
person).

The face is looked for on the clean picture alone, and so are its five landmarks: each restoration of it is
cut out at the same place and turned alike, so that nothing but the restored pixels decides.
"""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import MlcoreError
from mlcore.images import Bytes

REQUIREMENTS = "requirements-benchmark.txt"
LANDMARKS = "shape_predictor_5_face_landmarks.dat"
RECOGNITION = "dlib_face_recognition_resnet_model_v1.dat"


class ReferenceFace:
    """The largest face of a clean picture, (H, W, 3) uint8, to compare restorations of it with."""

    def __init__(self, landmarks: Any, descriptor: NDArray[np.float64]) -> None:
        """See ``find_face``."""
        self._landmarks = landmarks
        self._descriptor = descriptor

    def distance(self, restored: Bytes) -> float:
        """Euclidean distance of descriptors, from 0 (the same), of (H, W, 3) uint8 of the same size."""
        difference = _describe(restored, self._landmarks) - self._descriptor
        return float(np.linalg.norm(difference))


def find_face(clean: Bytes) -> ReferenceFace | None:
    """The largest face of (H, W, 3) uint8, or None where dlib finds none.

    ``MlcoreError`` (``mlcore:identity:packages``) where the extra packages are missing.
    """
    detector, predictor, _ = _models()
    boxes = detector(clean, 0)
    if not boxes:
        return None
    landmarks = predictor(clean, max(boxes, key=lambda box: box.area()))
    return ReferenceFace(landmarks, _describe(clean, landmarks))


def check_packages() -> None:
    """``MlcoreError`` (``mlcore:identity:packages``) where the extra packages are missing."""
    _models()


def _describe(image: Bytes, landmarks: Any) -> NDArray[np.float64]:
    contiguous = np.ascontiguousarray(image)
    return np.asarray(_models()[2].compute_face_descriptor(contiguous, landmarks), np.float64)


@lru_cache(maxsize=1)
def _models() -> tuple[Any, Any, Any]:
    """Detector, landmark predictor and recognition network."""
    try:
        dlib = import_module("dlib")
        # Only its files: its code imports pkg_resources, which setuptools no longer has.
        weights = find_spec("face_recognition_models")
    except ImportError:
        weights = None
    if weights is None or weights.origin is None:
        raise MlcoreError(
            "mlcore:identity:packages",
            f"comparing faces needs dlib-bin and face_recognition_models: pip install -r {REQUIREMENTS}",
        )
    folder = Path(weights.origin).parent / "models"
    return (
        dlib.get_frontal_face_detector(),
        dlib.shape_predictor(str(folder / LANDMARKS)),
        dlib.face_recognition_model_v1(str(folder / RECOGNITION)),
    )
