"""How far a thumbnail is from how it must look."""

import io

import numpy as np
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from tests.archive.corpus.samples import Floats


def scaled(picture: Floats, width: int, height: int) -> Floats:
    """(H, W, 3) in [0, 1] as (height, width, 3), by Pillow's Lanczos filter in floating point."""
    channels = [Image.fromarray(picture[..., number].astype(np.float32)) for number in range(3)]
    small = [np.asarray(each.resize((width, height), Image.Resampling.LANCZOS)) for each in channels]
    return np.clip(np.stack(small, axis=-1).astype(np.float64), 0, 1)


def difference(thumbnail: bytes, shown: Floats) -> Floats:
    """CIEDE2000 of every pixel of the file `thumbnail` from `shown` at full size, (H, W)."""
    with Image.open(io.BytesIO(thumbnail)) as image:
        seen = np.asarray(image.convert("RGB"), np.float64) / 255
    wanted = scaled(shown, seen.shape[1], seen.shape[0])
    return np.asarray(deltaE_ciede2000(rgb2lab(seen), rgb2lab(wanted)))
