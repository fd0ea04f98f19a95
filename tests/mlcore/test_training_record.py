"""What a run writes beside its weights, and how batches reach it."""

import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest
import torch

from mlcore.dataset import Sample
from mlcore.environment import describe, git_revision
from mlcore.reading_ahead import groups_ahead
from mlcore.tally import Tally, not_finite
from mlcore.tensorboard_log import TensorboardLog
from tests.mlcore.memory_source import MemorySource


def test_losses_are_means_over_the_updates_that_had_them() -> None:
    tally = Tally()
    tally.add({"G_L1": torch.tensor(1.0), "D_real": torch.tensor(0.5)})
    tally.add({"G_L1": torch.tensor(3.0)})
    assert tally.means() == {"G_L1": 2.0, "D_real": 0.5}
    tally.clear()
    assert tally.means() == {}


def test_losses_that_are_no_numbers_are_named() -> None:
    assert not_finite({"a": float("nan"), "b": 1.0, "c": float("inf")}) == ["a", "c"]


def test_one_bad_loss_is_seen_however_late_one_looks() -> None:
    tally = Tally()
    for value in (1.0, float("nan"), 1.0, 1.0):
        tally.add({"G_L1": torch.tensor(value)})
    assert not_finite(tally.means()) == ["G_L1"]


@pytest.mark.parametrize("ahead", [0, 1, 2, 9])
@pytest.mark.parametrize(("first", "expected"), [(0, [[0, 1], [2, 3], [4]]), (2, [[4]]), (3, [])])
def test_batches_come_in_groups_and_in_order(ahead: int, first: int, expected: list[list[int]]) -> None:
    batches = [_numbered(number) for number in range(5)]
    groups = groups_ahead(batches, 2, first=first, ahead=ahead)
    assert [[int(batch.mask[0, 0, 0, 0]) for batch in group] for group in groups] == expected


def _numbered(number: int) -> Sample:
    return Sample(*(torch.full((1, 1, 1, 1), float(number)) for _ in range(3)))


class Counting(list[Sample]):
    """Tells when the third batch was asked for."""

    third_made = threading.Event()

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
        if index == 2:
            self.third_made.set()
        return super().__getitem__(index)


def test_the_next_batches_are_made_while_one_is_used() -> None:
    batches = Counting(MemorySource(count=4, side=16).batches(1))
    groups = groups_ahead(batches, 1, ahead=2)
    next(groups)
    assert batches.third_made.wait(timeout=10)
    groups.close()


def test_a_batch_that_cannot_be_made_is_told_where_it_is_used() -> None:
    class Broken(list[Sample]):
        def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
            raise OSError("no such picture")

    with pytest.raises(OSError, match="no such picture"):
        next(groups_ahead(Broken([_numbered(0)]), 1, ahead=1))


def test_scalars_for_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed over as the package wants them; the package itself need not be installed."""
    written: list[tuple[str, float, int]] = []

    class SummaryWriter:
        def __init__(self, folder: str) -> None:
            assert folder == str(tmp_path / "tensorboard")

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, value, step))

        def flush(self) -> None:
            written.append(("flushed", 0.0, 0))

    package = ModuleType("torch.utils.tensorboard")
    package.SummaryWriter = SummaryWriter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", package)
    line = {
        "epoch": 3,
        "losses": {"G_L1": 0.5},
        "val": {"heavy": {"psnr": 30.0}},
        "images": 100,
        "seconds": 4.0,
    }
    TensorboardLog(tmp_path).add(line)
    assert written == [
        ("loss/G_L1", 0.5, 3),
        ("psnr/heavy", 30.0, 3),
        ("images_per_second", 25.0, 3),
        ("flushed", 0.0, 0),
    ]


def test_the_environment_names_processor_and_versions() -> None:
    told = describe(torch.device("cpu"))
    assert told["device"] == "cpu"
    assert told["torch"] == torch.__version__
    assert told["cores"] >= 1
    assert told["processor"]


def test_the_git_revision_says_whether_files_differ(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(tmp_path), *arguments],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    assert git_revision(tmp_path) is None
    git("init", "--quiet")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "--quiet", "--message", "one")
    revision = git("rev-parse", "HEAD")
    assert git_revision(tmp_path) == revision
    (tmp_path / "file").write_text("two")
    assert git_revision(tmp_path) == f"{revision}+changes"
