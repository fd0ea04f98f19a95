"""reproduce_paper through the front door: trains, goes on, refuses another run's folder, prints the table."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mlcore.presets import PRESETS
from tests.mlcore.paired_data import write_data_set

LEVELS = ("light", "medium", "heavy")


def reproduce(*arguments: object) -> str:
    out = StringIO()
    call_command("reproduce_paper", *map(str, arguments), stdout=out, stderr=StringIO(), verbosity=0)
    return out.getvalue()


def failure(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        reproduce(*arguments)
    return str(caught.value)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data_set(tmp_path / "data", stems=2, levels=LEVELS, side=64)


@pytest.fixture(autouse=True)
def small_presets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The paper's phases on a network that trains in a second."""
    for name in ("paper", "paper_reversed"):
        small = replace(
            PRESETS[name],
            generator="find_fill_refine",
            generator_options={"base_channels": 4, "depth": 2, "max_channels": 8},
            batch_size=2,
            images_per_epoch=2,
        )
        monkeypatch.setitem(PRESETS, name, small)


def test_training_leaves_the_table_beside_the_run(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    text = reproduce("--data", data, "--val", data, "--out", run, "--epochs", 3, "--reversed")
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    assert [line["phase"] for line in epochs] == ["3:1", "2:1", "1:1"]
    shown = (run / "paper_table.md").read_text(encoding="utf-8")
    assert shown in text
    assert "3 (paper: 100)" in shown
    table = json.loads((run / "paper_table.json").read_text(encoding="utf-8"))
    assert table["epochs"] == 3
    assert [row["epoch"] for row in table["rows"]][-1] == 3
    for level in (*LEVELS, "mean"):
        assert table["rows"][-1]["psnr"][level] == epochs[-1]["val"][level]["psnr"]
    assert {0 <= table["success"][level]["ours"] <= 1 for level in LEVELS} == {True}
    for name in ("losses.png", "ssim.png", "psnr.png"):
        assert (run / name).read_bytes().startswith(b"\x89PNG")

    again = reproduce("--data", data, "--val", data, "--out", run, "--epochs", 3, "--reversed")
    assert shown in again
    (run / "losses.png").unlink()
    table_only = reproduce("--out", run, "--table-only")
    assert shown.split("## Success")[0] in table_only
    assert (run / "losses.png").is_file()

    for other in (("--epochs", 3), ("--epochs", 4, "--reversed")):
        message = failure("--data", data, "--val", data, "--out", run, *other)
        assert message == f"{run} holds a run with another phases: name another"
    message = failure("--data", data, "--val", data, "--out", run, "--epochs", 3, "--reversed", "--seed", 9)
    assert message == f"{run} holds a run with another seed: name another"


def test_a_run_that_was_stopped_goes_on(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlcore import run_log, training

    run = tmp_path / "run"
    arguments = ("--data", data, "--val", data, "--out", run, "--epochs", 3)
    trained: list[int] = []

    def stop(generator: object, *_args: object, **_options: object) -> dict[str, dict[str, float]]:
        trained.append(1)
        if len(trained) == 2:
            raise KeyboardInterrupt
        return {"mean": {"psnr": 20.0, "ssim": 0.8}}

    with monkeypatch.context() as patched:
        patched.setattr(training, "evaluate", stop)
        with pytest.raises(KeyboardInterrupt):
            reproduce(*arguments)
    assert [record.epoch for record in run_log.read_epochs(run / "log.jsonl")] == [1]
    reproduce(*arguments)
    assert [record.epoch for record in run_log.read_epochs(run / "log.jsonl")] == [1, 2, 3]


def test_what_is_missing_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert failure("--out", tmp_path) == (
        "training needs --data and --val; or print a run's table with --table-only"
    )
    message = failure("--out", tmp_path / "absent", "--table-only")
    assert message.startswith(f"{tmp_path / 'absent'}: no training run there")
