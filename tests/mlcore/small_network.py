"""A small find-fill-refine network that finds something in every picture, and pictures to give it."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mlcore.images import Bytes
from mlcore.inference import ArrayPage, Hand, Page, Restorer
from mlcore.networks import FindFillRefine

LEAN = {
    "finder": {"widths": [8, 8, 16], "down": [1, 0, 2], "up": [1, 2], "entry": 6},
    "refiner": {"widths": [8, 16], "down": [0, 1], "up": [0]},
}


def small_network(seed: int = 0, *, lean: bool = False, not_a_number: bool = False) -> FindFillRefine:
    """Untrained, with normalisations that have seen something and verdicts on both sides of doubt.

    ``not_a_number``: one of the finder's weights is none.
    """
    torch.manual_seed(seed)
    network = FindFillRefine(base_channels=4, depth=3, max_channels=8, **(LEAN if lean else {}))
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 2.0)
    with torch.no_grad():
        network.finder.head.weight.mul_(4)
        network.refiner.head.weight.mul_(100)
        if not_a_number:
            network.finder.head.weight.view(-1)[0] = float("nan")
    return network.eval()


def photograph(height: int, width: int, seed: int = 0) -> Bytes:
    """Soft shapes, grain and bright scratches."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[:height, :width]
    planes = [np.sin(down / 23 + phase) + np.cos(across / 31 - phase) for phase in (0, 1, 2)]
    image = 128 + 45 * np.stack(planes, axis=2) + rng.normal(0, 6, (height, width, 3))
    for _ in range(max(1, height * width // 8000)):
        top, left = rng.integers(0, height), rng.integers(0, width)
        image[top : top + rng.integers(2, 30), left : left + rng.integers(2, 30)] = rng.choice([5, 250])
    return image.clip(0, 255).astype(np.uint8)


def repaired(
    restorer: Restorer, page: Page | Bytes, hand: Hand | None = None, *, scratch: Path | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Restored rows put together, in steps of 0 to 255, and their shares."""
    page = ArrayPage(page) if isinstance(page, np.ndarray) else page
    restored = np.full((page.height, page.width, 3), np.nan, np.float32)
    share = np.full((page.height, page.width), np.nan, np.float32)
    expected_top = 0

    def keep(top: int, rows: NDArray[np.float32], of_rows: NDArray[np.float32]) -> None:
        nonlocal expected_top
        assert top == expected_top
        expected_top += len(rows)
        restored[top : top + len(rows)], share[top : top + len(rows)] = rows, of_rows

    restorer.repair(page, keep, hand=hand, scratch=scratch)
    assert expected_top == page.height
    return (restored + 1) * 127.5, share
