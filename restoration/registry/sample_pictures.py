"""Pictures that scikit-image ships, damaged by our own generator: for the demo and for comparing models.

Made in workers and commands only; scikit-image is imported where it is needed.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from PIL import Image

SEED = 2025

SAMPLES = (
    ("astronaut", "light"),
    ("astronaut", "heavy"),
    ("chelsea", "medium"),
    ("camera", "medium"),
    ("coffee", "heavy"),
)
"""What models are compared on: name of a function of skimage.data, and the damage done to its picture."""

COLLECTION_PICTURES = (
    ("rocket", "light"),
    ("chelsea", "medium"),
    ("coffee", "heavy"),
    ("camera", "medium"),
    ("astronaut", "light"),
    ("astronaut", "heavy"),
)
"""What a sample collection holds, likewise."""

TITLES = {
    "astronaut": gettext_noop("Astronaut"),
    "chelsea": gettext_noop("Cat"),
    "camera": gettext_noop("Photographer"),
    "coffee": gettext_noop("Cup of coffee"),
}


def clean_picture(name: str) -> Image.Image:
    """The picture as it comes, RGB or grey. AttributeError for a name that skimage.data does not have."""
    import skimage.data
    from PIL import Image

    return Image.fromarray(getattr(skimage.data, name)())


def damaged_picture(name: str, level: str) -> bytes:
    """The picture as a damaged PNG, alike on every machine; a grey one stays grey."""
    import numpy as np
    from PIL import Image

    from mlcore.degradation import degrade, seed_for

    clean = clean_picture(name)
    seed = seed_for(hashlib.sha256(clean.tobytes()).hexdigest(), SEED, level)
    damaged = Image.fromarray(degrade(np.asarray(clean.convert("RGB")), level, seed).image)
    file = io.BytesIO()
    damaged.convert(clean.mode).save(file, format="PNG")
    return file.getvalue()
