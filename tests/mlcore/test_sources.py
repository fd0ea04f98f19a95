"""Batches for training: repeatable, shareable, honest about where the damage is."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mlcore.clean_bank import CleanBank, build_bank
from mlcore.dataset import Augmentation, Batches, Sample
from mlcore.errors import TrainingError
from mlcore.pairing import find_pairs
from mlcore.sources import BatchSource, CleanSource, PairSource
from tests import pictures
from tests.mlcore.paired_data import write_data_set

SIDE = 64


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> CleanBank:
    folder = tmp_path_factory.mktemp("clean")
    for number in range(6):
        (folder / f"{number}.png").write_bytes(pictures.png(pictures.portrait(SIDE, SIDE, seed=number)))
    return build_bank([folder], side=SIDE, layers=24)


def _clean(
    bank: CleanBank, shard: tuple[int, int] = (0, 1), limit: int | None = None, **how: float
) -> CleanSource:
    options = {"crop": 48, "zoom": 0.3, "flip": 0.5, "grey": 0.3, "grain": 0.3, "looks": 0.2, **how}
    return CleanSource(bank, Augmentation(**options), batch_size=6, seed=3, limit=limit, shard=shard)  # type: ignore[arg-type]


def _pairs(folder: Path, shard: tuple[int, int] = (0, 1), memory: int = 2**20) -> PairSource:
    how = Augmentation(crop=16, flip=0.5, grain=0.5)
    return PairSource(find_pairs(folder), how, batch_size=4, seed=3, shard=shard, memory=memory)


def _same(first: Sample, second: Sample) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def _levels(tensor: torch.Tensor) -> torch.Tensor:
    return ((tensor + 1) * 127.5).round()


@pytest.fixture(params=["pairs", "clean"])
def source(request: pytest.FixtureRequest, bank: CleanBank, tmp_path: Path) -> BatchSource:
    return _pairs(write_data_set(tmp_path)) if request.param == "pairs" else _clean(bank, limit=24)


def test_batches_depend_on_epoch_and_index_alone(source: BatchSource) -> None:
    before = [source.batches(2)[index] for index in range(len(source.batches(2)))]
    source.batches(1)[0]
    assert all(_same(source.batches(2)[index], batch) for index, batch in reversed(list(enumerate(before))))
    assert not _same(source.batches(1)[0], before[0])
    assert not _same(before[0], before[1])
    with pytest.raises(IndexError):
        source.batches(1)[len(source.batches(1))]


def test_samples_have_the_promised_shape_and_range(source: BatchSource) -> None:
    for sample in source.batches(1):
        count, _, side, _ = sample.degraded.shape
        assert sample.clean.shape == sample.degraded.shape
        assert sample.mask.shape == (count, 1, side, side)
        assert all(tensor.dtype == torch.float32 for tensor in sample)
        assert max(sample.degraded.abs().max(), sample.clean.abs().max()) <= 1
        assert set(sample.mask.unique().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("kind", ["pairs", "clean"])
def test_processes_together_see_what_one_alone_would(kind: str, bank: CleanBank, tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)

    def make(shard: tuple[int, int]) -> BatchSource:
        return _pairs(folder, shard) if kind == "pairs" else _clean(bank, shard)

    whole = make((0, 1)).batches(1)
    shares = [make((rank, 2)).batches(1) for rank in (0, 1)]
    for index, batch in enumerate(whole):
        for rank, share in enumerate(shares):
            assert _same(share[index], Sample(*(tensor[rank::2] for tensor in batch)))


def test_a_batch_that_cannot_be_shared_is_refused(bank: CleanBank) -> None:
    with pytest.raises(TrainingError) as caught:
        _clean(bank, shard=(0, 4))
    assert caught.value.code == "mlcore:run:settings"


def test_a_crop_larger_than_the_bank_is_refused(bank: CleanBank) -> None:
    with pytest.raises(TrainingError) as caught:
        _clean(bank, crop=SIDE + 16)
    assert caught.value.code == "mlcore:run:settings"


def test_pairs_are_the_same_whether_they_fit_into_memory_or_not(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)
    plain = Batches(
        find_pairs(folder), Augmentation(crop=16, flip=0.5, grain=0.5), batch_size=4, seed=3, epoch=1
    )
    for memory in (0, 5000, 2**20):
        source = _pairs(folder, memory=memory)
        for _ in range(2):
            assert all(map(_same, source.batches(1), plain))
        assert source.loader.left >= 0


def test_pairs_that_fit_are_decoded_once(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)
    source = _pairs(folder)
    before = list(source.batches(1))
    for path in folder.rglob("*.png"):
        path.unlink()
    assert all(map(_same, source.batches(1), before))


def test_the_mask_is_where_the_halves_differ(bank: CleanBank) -> None:
    """Grain of the scan and compression aside, which lie over both."""
    for sample in _clean(bank, limit=60, grain=0.0, looks=0.0).batches(1):
        changed = (_levels(sample.degraded) - _levels(sample.clean)).abs().amax(dim=1, keepdim=True)
        assert torch.equal(changed > 0, sample.mask > 0.5)
        assert changed[changed > 0].min() >= 3


def test_looks_change_both_halves_alike_outside_the_damage(bank: CleanBank) -> None:
    """Compression alone spills over, within its blocks."""
    apart = []
    for sample in _clean(bank, limit=60, looks=0.3, grain=0.5).batches(1):
        intact = sample.mask < 0.5
        apart.append((sample.degraded - sample.clean).abs().amax(dim=1, keepdim=True)[intact])
    assert torch.cat(apart).median() == 0
    assert torch.cat(apart).mean() < 0.03


def test_some_pictures_are_intact_and_some_damaged_twice(bank: CleanBank) -> None:
    def share(**how: float) -> float:
        batches = _clean(bank, limit=60, looks=0.0, grain=0.0, **how).batches(1)
        return float(np.mean([float(sample.mask.mean()) for sample in batches]))

    assert share(intact=1.0) == 0
    assert share(intact=0.0, second=1.0) > 1.2 * share(intact=0.0, second=0.0)


def test_own_damage_lies_where_it_was_drawn(bank: CleanBank) -> None:
    """Whole pictures, unvaried: each batch shows layers of the picture's own, as stored."""
    plain = Augmentation(intact=0.0, second=0.0, own=1.0)
    source = CleanSource(bank, plain, batch_size=6, seed=0)
    (sample,) = source.batches(1)
    stored = bank.pictures.float()
    for degraded, clean in zip(_levels(sample.degraded), _levels(sample.clean), strict=True):
        picture = int((stored - clean).abs().flatten(1).sum(dim=1).argmin())
        assert torch.equal(stored[picture], clean)
        candidates = bank.layers[bank.owners == picture].float()
        expected = clean * (1 - candidates[:, 3:] / 255) + candidates[:, :3]
        assert ((expected - degraded).abs().amax(dim=1) < 3.5).flatten(1).all(dim=1).any()


def test_grey_pictures_have_grey_or_coloured_damage(bank: CleanBank) -> None:
    kinds = set()
    for sample in _clean(bank, limit=120, grey=1.0, looks=0.0).batches(1):
        for degraded, clean in zip(_levels(sample.degraded), _levels(sample.clean), strict=True):
            assert torch.equal(clean[0], clean[1])
            kinds.add(bool(torch.equal(degraded[0], degraded[2])))
    assert kinds == {True, False}


def test_every_picture_comes_before_any_returns(bank: CleanBank) -> None:
    plain = Augmentation(intact=1.0)
    source = CleanSource(bank, plain, batch_size=2, seed=0, limit=4)
    seen = [_levels(sample.clean) for epoch in (1, 2, 3) for sample in source.batches(epoch)]
    sums = torch.cat(seen).flatten(1).sum(dim=1).tolist()
    assert len(set(sums[:6])) == 6
    assert set(sums[6:]) <= set(sums[:6])


def test_crops_often_lie_at_the_border(bank: CleanBank) -> None:
    """Torn corners and worn edges are found nowhere else; without a preference 1 crop in 33 would."""
    plain = Augmentation(crop=32, intact=1.0)
    stored = bank.pictures.float()
    corners = torch.stack([_levels(s.clean) for s in _crops(bank, plain)]).flatten(0, 1)
    tops = torch.stack([stored[:, :, 0, left : left + 32] for left in range(SIDE - 31)], dim=1).flatten(0, 1)
    at_top = [(tops - crop[:, 0]).abs().amax(dim=(1, 2)).min().item() == 0 for crop in corners]
    assert 0.08 < sum(at_top) / len(at_top) < 0.5


def _crops(bank: CleanBank, how: Augmentation) -> list[Sample]:
    return list(CleanSource(bank, how, batch_size=6, seed=0, limit=240).batches(1))
