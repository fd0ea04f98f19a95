"""Figures on validation pairs, and the pictures to look at."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from mlcore.dataset import Pair, eval_transform
from mlcore.images import to_unit
from mlcore.metrics import psnr, ssim
from mlcore.networks import Generator, GeneratorOutput
from mlcore.pairing import find_pairs
from mlcore.validation import count_masks, evaluate, pairs_to_show, sample_sheet
from tests.mlcore.paired_data import write_data_set
from tests.mlcore.toy_generators import Blur

CPU = torch.device("cpu")


class FindsBlack(Generator):
    """Takes black pixels for damage and makes them grey."""

    stride = 16

    def __init__(self) -> None:
        super().__init__()
        self.options = {}

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        found = (degraded < -0.99).all(dim=1, keepdim=True).float()
        return GeneratorOutput(degraded * (1 - found), found)


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    """Two sizes, two levels."""
    return find_pairs(write_data_set(tmp_path / "one", stems=3)) + find_pairs(
        write_data_set(tmp_path / "two", stems=1, side=40)
    )


def test_figures_are_those_of_each_picture_by_itself(pairs: list[Pair]) -> None:
    generator = FindsBlack()
    scores = evaluate(generator, pairs, CPU)
    for level in ("light", "heavy"):
        singly = []
        for pair in pairs:
            if pair.level == level:
                sample = eval_transform(pair)
                restored, clean = to_unit(generator(sample.degraded).restored), to_unit(sample.clean)
                singly.append((psnr(restored, clean).item(), ssim(restored, clean).item()))
        assert scores[level]["psnr"] == pytest.approx(np.mean([one for one, _ in singly]), abs=1e-4)
        assert scores[level]["ssim"] == pytest.approx(np.mean([two for _, two in singly]), abs=1e-5)
        assert scores[level]["iou"] == 1.0
    assert scores["mean"]["psnr"] == pytest.approx((scores["light"]["psnr"] + scores["heavy"]["psnr"]) / 2)


def test_a_generator_without_a_mask_has_no_figures_for_one(pairs: list[Pair]) -> None:
    assert set(evaluate(Blur(1), pairs, CPU)["mean"]) == {"psnr", "ssim"}


def test_masks_are_counted_picture_by_picture() -> None:
    found, true = torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    found[0, :, :2] = 0.9  # 8 pixels, of which 4 are damaged
    true[0, :, 1:3] = 1.0
    found[1, 0, 0, 0] = 0.4
    first, second = count_masks(found, true)
    assert first.figures() == {"precision": 0.5, "recall": 0.5, "iou": 4 / 12}
    assert second.figures() == {}


def test_the_same_few_pairs_are_shown_from_every_level(pairs: list[Pair]) -> None:
    shown = pairs_to_show(pairs, 4)
    assert [pair.level for pair in shown] == ["heavy", "light", "heavy", "light"]
    assert pairs_to_show(list(reversed(pairs)), 99) != []
    assert len(pairs_to_show(pairs, 99)) == len(pairs)


def test_the_sheet_shows_a_row_for_each_pair(pairs: list[Pair]) -> None:
    one, two = (sample_sheet(FindsBlack(), pairs[:count], CPU) for count in (1, 2))
    assert one.shape[1] == two.shape[1] > 4 * 256
    assert two.shape[0] - one.shape[0] > 256
    assert one.dtype == np.uint8
