"""The methods that a trained model is measured against: no learning in any of them.

Those that need the mask are told exactly where the damage is, which no archive knows: they mark what could be
reached if finding the damage were solved.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.restoration import inpaint_biharmonic

from mlcore.images import Bytes
from mlcore.inference import Restored

MEDIAN_SIDE = 5
INPAINT_RADIUS = 3.0
NLM_STRENGTH = 10.0
NLM_PATCH = 7
NLM_SEARCH = 21


@dataclass(frozen=True, slots=True)
class Method:
    """A way to restore a picture: ``function(degraded, mask)`` gives a new picture of the same size.

    ``degraded``: (H, W, 3) uint8, RGB. ``mask``: (H, W) uint8, damaged where above 127; methods that do not
    need it are given it all the same and must not look. A method that finds the damage gives ``Restored``,
    with its mask. ``slow`` marks those that take seconds a picture, ``portable`` those that another process
    can be handed.
    """

    name: str
    title: str
    function: Callable[[Bytes, Bytes], Bytes | Restored]
    needs_mask: bool
    slow: bool = False
    portable: bool = True

    def restore(self, degraded: Bytes, mask: Bytes | None) -> Restored:
        """Apply the method where the mask may be unknown; ValueError if it is and the method needs it."""
        if mask is None:
            if self.needs_mask:
                raise ValueError(f"{self.name} needs the mask")
            mask = np.zeros(degraded.shape[:2], np.uint8)
        answer = self.function(degraded, mask)
        return answer if isinstance(answer, Restored) else Restored(answer, None)


def do_nothing(degraded: Bytes, mask: Bytes) -> Bytes:
    """The degraded picture itself."""
    return degraded.copy()


def median_filter(degraded: Bytes, mask: Bytes) -> Bytes:
    """Median of 5x5 pixels, everywhere."""
    return np.asarray(cv2.medianBlur(degraded, MEDIAN_SIDE), np.uint8)


def non_local_means(degraded: Bytes, mask: Bytes) -> Bytes:
    """Buades, Coll, Morel: Non-Local Means Denoising, IPOL 2011, as OpenCV does it, everywhere."""
    blue_first = cv2.cvtColor(degraded, cv2.COLOR_RGB2BGR)
    denoised = cv2.fastNlMeansDenoisingColored(
        blue_first, None, NLM_STRENGTH, NLM_STRENGTH, NLM_PATCH, NLM_SEARCH
    )
    return np.asarray(cv2.cvtColor(denoised, cv2.COLOR_BGR2RGB), np.uint8)


def bilinear(degraded: Bytes, mask: Bytes) -> Bytes:
    """Linear interpolation across the damage, along the row and along the column at once.

    A damaged pixel is the mean of the nearest intact pixels to its left, right, top and bottom, each weighted
    by the inverse of its distance; with two neighbours on one line this is plain linear interpolation.
    """
    damaged = mask > 127
    if damaged.all():
        return degraded.copy()
    upright = _weighted_neighbours(degraded, damaged)
    turned = _weighted_neighbours(degraded.transpose(1, 0, 2), damaged.T)
    colour = upright[0] + turned[0].transpose(1, 0, 2)
    weight = upright[1] + turned[1].T
    # A pixel whose whole row and whole column are damaged has no neighbour in any direction.
    fillable = damaged & (weight > 0)
    result = degraded.copy()
    result[fillable] = np.rint(colour[fillable] / weight[fillable][:, None]).astype(np.uint8)
    return result


def telea(degraded: Bytes, mask: Bytes) -> Bytes:
    """Telea: An Image Inpainting Technique Based on the Fast Marching Method, 2004, in OpenCV."""
    return _opencv_inpaint(degraded, mask, cv2.INPAINT_TELEA)


def navier_stokes(degraded: Bytes, mask: Bytes) -> Bytes:
    """Bertalmio, Bertozzi, Sapiro: Navier-Stokes, Fluid Dynamics, and Image and Video Inpainting, 2001, in
    OpenCV.
    """
    return _opencv_inpaint(degraded, mask, cv2.INPAINT_NS)


def biharmonic(degraded: Bytes, mask: Bytes) -> Bytes:
    """Damelin, Hoang: On Surface Completion and Image Inpainting by Biharmonic Functions, 2018, in
    scikit-image.
    """
    damaged = mask > 127
    if damaged.all() or not damaged.any():
        return degraded.copy()
    filled = inpaint_biharmonic(degraded.astype(np.float64), damaged, channel_axis=-1)
    result = degraded.copy()
    result[damaged] = np.rint(filled[damaged]).clip(0, 255).astype(np.uint8)
    return result


def fsr_fast(degraded: Bytes, mask: Bytes) -> Bytes:
    """Genser, Seiler, Schilling, Kaup: Signal and Loss Geometry Aware Frequency Selective Extrapolation for
    Error Concealment, PCS 2018, in OpenCV's xphoto, its fast profile.

    OpenCV extrapolates in blocks and rounds intact pixels as well; those are put back. It is given red, green
    and blue as they are.
    """
    damaged = mask > 127
    if damaged.all() or not damaged.any():
        return degraded.copy()
    intact = np.where(damaged, 0, 255).astype(np.uint8)  # OpenCV's mask: 0 where damaged
    filled = np.zeros_like(degraded)
    cv2.xphoto.inpaint(degraded, intact, filled, cv2.xphoto.INPAINT_FSR_FAST)
    return np.where(damaged[..., None], filled, degraded)


BASELINES: dict[str, Method] = {
    method.name: method
    for method in (
        Method("nothing", "do nothing", do_nothing, needs_mask=False),
        Method("median", "median filter", median_filter, needs_mask=False),
        Method("nlm", "non-local means", non_local_means, needs_mask=False),
        Method("bilinear", "bilinear across the mask", bilinear, needs_mask=True),
        Method("telea", "Telea", telea, needs_mask=True),
        Method("navier-stokes", "Navier-Stokes", navier_stokes, needs_mask=True),
        Method("biharmonic", "biharmonic", biharmonic, needs_mask=True),
        Method("fsr-fast", "FSR fast", fsr_fast, needs_mask=True, slow=True),
    )
}


def _opencv_inpaint(degraded: Bytes, mask: Bytes, method: int) -> Bytes:
    damaged = (mask > 127).astype(np.uint8)
    if damaged.all():
        return degraded.copy()
    return np.asarray(cv2.inpaint(degraded, damaged, INPAINT_RADIUS, method), np.uint8)


def _weighted_neighbours(
    image: NDArray[np.uint8], damaged: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum over the nearest intact pixels left and right of colour / distance (H, W, 3), and of 1 / distance
    (H, W).
    """
    width = damaged.shape[1]
    columns = np.arange(width)[None, :]
    rows = np.arange(len(damaged))[:, None]
    before = np.maximum.accumulate(np.where(damaged, -1, columns), axis=1)
    after = np.minimum.accumulate(np.where(damaged, width, columns)[:, ::-1], axis=1)[:, ::-1]
    colour = np.zeros(image.shape, np.float64)
    weight = np.zeros(damaged.shape, np.float64)
    for nearest in (before, after):
        found = (nearest >= 0) & (nearest < width) & damaged
        inverse = np.where(found, 1 / np.maximum(np.abs(nearest - columns), 1), 0.0)
        colour += image[rows, nearest.clip(0, width - 1)] * inverse[..., None]
        weight += inverse
    return colour, weight
