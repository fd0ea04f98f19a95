"""A benchmark as text, Markdown and data: the same figures in each."""

import json
from pathlib import Path

import pytest

import mlcore
from mlcore.baselines import BASELINES
from mlcore.benchmark import Benchmark, run
from mlcore.benchmark_report import to_data, to_markdown, to_text, versions
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import write_data_set


@pytest.fixture
def measured(tmp_path: Path) -> Benchmark:
    return run(find_pairs(write_data_set(tmp_path)), [BASELINES["nothing"], BASELINES["telea"]])


def test_text_has_a_block_a_level_with_aligned_columns(measured: Benchmark) -> None:
    blocks = to_text(measured).split("\n\n")
    assert [block.splitlines()[0] for block in blocks[:3]] == ["light", "heavy", "all"]
    _, header, nothing, telea = blocks[0].splitlines()
    assert header.split()[:4] == ["method", "n", "PSNR", "SSIM"]
    assert nothing.startswith("do nothing ")
    assert telea.startswith("Telea* ")
    assert len({len(header), len(nothing), len(telea)}) == 1


def test_text_and_markdown_show_the_means_and_intervals_of_the_rows(measured: Benchmark) -> None:
    value = measured.table("heavy")[1].measures["psnr"]
    shown = f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]"
    assert shown in to_text(measured)
    assert shown in to_markdown(measured, title="T")
    similarity = measured.table("heavy")[1].measures["ssim"]
    assert f"{similarity.mean:.4f} [" in to_text(measured)


def test_markdown_tables_have_as_many_cells_in_each_line_and_no_stray_emphasis(measured: Benchmark) -> None:
    markdown = to_markdown(measured, title="A model")
    assert markdown.startswith("# A model\n")
    assert [line for line in markdown.splitlines() if line.startswith("## ")] == [
        "## light",
        "## heavy",
        "## all",
    ]
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(lines) == 3 * 4
    assert {line.count("|") for line in lines} == {8}
    assert r"Telea\*" in markdown
    assert markdown.replace(r"\*", "").count("*") == 0


def test_a_measure_without_a_value_is_a_dash(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path / "bare", masks=False))
    row = to_text(run(pairs, [BASELINES["nothing"]])).splitlines()[2]
    assert row.split()[-3:-1] == ["-", "-"]


def test_data_survives_strict_json_and_holds_rows_and_scores(measured: Benchmark) -> None:
    data = json.loads(json.dumps(to_data(measured), allow_nan=False))
    assert data["schema"] == 1
    assert data["levels"] == ["light", "heavy", "all"]
    assert len(data["results"]) == 6
    assert len(data["scores"]) == 16
    told = {result["method"]: result["told_mask"] for result in data["results"]}
    assert told == {"nothing": False, "telea": True}
    first = data["results"][0]
    assert first["psnr"]["mean"] == measured.rows[0].measures["psnr"].mean
    assert first["psnr"]["low"] <= first["psnr"]["mean"] <= first["psnr"]["high"]
    assert first["n"] == 4


def test_versions_name_what_a_figure_depends_on() -> None:
    assert versions()["pulih"] == mlcore.__version__
    assert {"python", "torch", "numpy", "opencv-python-headless", "scikit-image"} <= set(versions())
