"""IoU, precision and recall of found damage, against counting by hand."""

import numpy as np
import pytest

from mlcore.mask_scores import MaskCounts, count_mask, pool


def test_counts_and_figures_agree_with_sets_of_pixels() -> None:
    rng = np.random.default_rng(1)
    found, truth = rng.random((20, 30)).astype(np.float32), rng.integers(0, 256, (20, 30)).astype(np.uint8)
    taken = {tuple(place) for place in np.argwhere(found > 0.5)}
    damaged = {tuple(place) for place in np.argwhere(truth > 127)}
    counts = count_mask(found, truth)
    assert (counts.hits, counts.found, counts.damaged) == (len(taken & damaged), len(taken), len(damaged))
    assert counts.figures() == pytest.approx(
        {
            "iou": len(taken & damaged) / len(taken | damaged),
            "precision": len(taken & damaged) / len(taken),
            "recall": len(taken & damaged) / len(damaged),
        }
    )


def test_finding_nothing_where_something_is_damaged_scores_nothing() -> None:
    assert MaskCounts(hits=0, found=0, damaged=9).figures() == {"iou": 0, "precision": 0, "recall": 0}


def test_where_nothing_is_damaged_there_is_no_recall_and_nothing_found_has_no_score_at_all() -> None:
    assert MaskCounts(hits=0, found=5, damaged=0).figures() == {"iou": 0, "precision": 0}
    assert MaskCounts(hits=0, found=0, damaged=0).figures() == {}


def test_pooling_weighs_pictures_by_their_pixels() -> None:
    small, large = MaskCounts(hits=1, found=1, damaged=1), MaskCounts(hits=0, found=0, damaged=99)
    assert pool([small, large]).figures()["recall"] == pytest.approx(0.01)


def test_masks_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="different sizes"):
        count_mask(np.zeros((4, 5), np.float32), np.zeros((5, 4), np.uint8))
