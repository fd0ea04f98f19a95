"""A benchmark as text, Markdown and data: the same figures in each."""

import json
from pathlib import Path

import pytest

import mlcore
from mlcore.bars import judge
from mlcore.baselines import BASELINES
from mlcore.benchmark import model_method, run
from mlcore.benchmark_cases import paired_subjects
from mlcore.benchmark_report import to_data, to_markdown, to_text, versions
from mlcore.benchmark_scores import Benchmark
from mlcore.inference import Restorer
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import write_data_set
from tests.mlcore.toy_generators import Brighten


@pytest.fixture
def measured(tmp_path: Path) -> Benchmark:
    subjects = paired_subjects(find_pairs(write_data_set(tmp_path)), "faces")
    return run(subjects, [BASELINES["nothing"], BASELINES["telea"]])


@pytest.fixture
def with_model(tmp_path: Path) -> Benchmark:
    """Two data sets, the model among the methods, undamaged pictures too."""
    pairs = find_pairs(write_data_set(tmp_path, stems=2))
    subjects = [*paired_subjects(pairs, "faces"), *paired_subjects(pairs, "photos")]
    return run(subjects, [BASELINES["nothing"], model_method(Restorer(Brighten()), title="toy")], intact=True)


def test_text_has_a_block_a_level_with_aligned_columns(measured: Benchmark) -> None:
    blocks = to_text(measured).split("\n\n")
    assert [block.splitlines()[0] for block in blocks[:-1]] == ["light", "heavy", "all"]
    _, header, nothing, telea = blocks[0].splitlines()
    assert header.split()[:5] == ["method", "n", "pictures", "PSNR", "SSIM"]
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
    assert {line.count("|") for line in lines} == {10}
    assert r"Telea\*" in markdown
    assert markdown.replace(r"\*", "").count("*") == 0


def test_a_measure_without_a_value_is_a_dash(tmp_path: Path) -> None:
    subjects = paired_subjects(find_pairs(write_data_set(tmp_path / "bare", masks=False)), "faces")
    line = to_text(run(subjects, [BASELINES["nothing"]])).splitlines()[2]
    assert line.split().count("-") == 2


def test_each_data_set_has_its_own_tables_and_all_have_them_together(with_model: Benchmark) -> None:
    headings = [
        line[3:] for line in to_markdown(with_model, title="T").splitlines() if line.startswith("## ")
    ]
    for group in ("faces", "photos", "all data"):
        own = [heading.removeprefix(f"{group}: ") for heading in headings if heading.startswith(f"{group}: ")]
        assert own[:3] == ["light", "heavy", "all"]
        assert [heading.split(" (")[0] for heading in own[3:]] == [
            "damage found",
            "undamaged pictures in",
            "grey pictures in",
        ]


def test_found_damage_is_shown_by_picture_and_pooled(with_model: Benchmark) -> None:
    row = with_model.table("heavy", "faces")[1]
    text = to_text(with_model)
    assert f"  {row.measures['iou'].words(3)}  " in text
    assert f"  {row.pooled['iou']:.3f}  " in text
    line = next(line for line in text.splitlines() if line.startswith("toy") and "heavy" in line)
    assert line.split()[-1] == f"{row.pooled['recall']:.3f}"


def test_bars_stand_at_the_end_with_what_was_asked_and_reached(with_model: Benchmark) -> None:
    bars = judge(with_model, method="model")
    block = to_text(with_model, bars).split("\n\n")[-2].splitlines()
    assert block[0] == "bars"
    assert block[1].split() == ["bar", "data", "asked", "reached", "met"]
    assert len(block) == 2 + len(bars)
    assert {line.split()[-1] for line in block[2:]} <= {"yes", "no"}
    assert "&lt;" not in to_text(with_model, bars)
    assert to_data(with_model, bars)["bars"][0]["reached"] == bars[0].reached


def test_data_survives_strict_json_and_holds_rows_and_scores(measured: Benchmark) -> None:
    data = json.loads(json.dumps(to_data(measured), allow_nan=False))
    assert data["schema"] == 2
    assert data["levels"] == ["light", "heavy", "all"]
    assert len(data["results"]) == 6
    assert len(data["scores"]) == 16
    told = {result["method"]: result["told_mask"] for result in data["results"]}
    assert told == {"nothing": False, "telea": True}
    first = data["results"][0]
    assert first["psnr"]["mean"] == measured.rows[0].measures["psnr"].mean
    assert first["psnr"]["low"] <= first["psnr"]["mean"] <= first["psnr"]["high"]
    assert (first["n"], first["pictures"]) == (4, 4)


def test_versions_name_what_a_figure_depends_on() -> None:
    assert versions()["pulih"] == mlcore.__version__
    assert {"python", "torch", "numpy", "opencv-contrib-python-headless", "scikit-image"} <= set(versions())
