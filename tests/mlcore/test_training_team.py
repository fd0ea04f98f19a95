"""Two processes that train one model, started by torchrun: a CPU's gloo stands in for several GPUs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.processes import ROOT

pytestmark = pytest.mark.slow  # three processes that load torch

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the runs of ``team_run``, by one process and by two."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("one", "two")}
    python([], folders["one"])
    python(TORCHRUN, folders["two"])
    return folders


def python(launcher: list[str], folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, *launcher, "tests/mlcore/team_run.py", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def state(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = torch.load(folder / "state.pt", weights_only=True)
    return content


def log_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_two_processes_learn_what_one_does_from_the_same_batches(runs: dict[str, Path]) -> None:
    one, two = (state(folder / "seen-alone") for folder in runs.values())
    for network in ("generator", "discriminator"):
        for name, weights in one[network].items():
            assert torch.allclose(weights, two[network][name], atol=1e-5), name
    for name, weights in one["average"]["generator"].items():
        assert torch.allclose(weights, two["average"]["generator"][name], atol=1e-5), name


def test_losses_and_pictures_are_counted_over_both(runs: dict[str, Path]) -> None:
    for one, two in zip(*(log_of(folder / "seen-alone") for folder in runs.values()), strict=True):
        assert one["images"] == two["images"] == 16
        assert one["losses"] == pytest.approx(two["losses"], rel=1e-3)


def test_normalising_each_share_by_itself_stays_close(runs: dict[str, Path]) -> None:
    """On a CPU there is no batch normalisation over processes, so this can only be about the same."""
    one, two = (log_of(folder / "normalised")[-1]["losses"] for folder in runs.values())
    assert two["G_L1"] == pytest.approx(one["G_L1"], rel=0.2)


def test_a_run_of_two_resumes_exactly(runs: dict[str, Path]) -> None:
    """Each process goes on with its own dropout; the stop came within an epoch."""
    whole, stopped = (state(runs["two"] / name) for name in ("normalised", "stopped"))
    for network in ("generator", "discriminator"):
        assert all(torch.equal(whole[network][name], stopped[network][name]) for name in whole[network])
    assert len(whole["randoms"]) == 2
    assert not torch.equal(whole["randoms"][0]["cpu"], whole["randoms"][1]["cpu"])


def test_one_process_writes_the_log(runs: dict[str, Path]) -> None:
    assert [line["epoch"] for line in log_of(runs["two"] / "normalised")] == [1, 2, 3, 4]
