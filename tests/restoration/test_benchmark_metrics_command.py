"""benchmark_metrics through the front door: text, JSON, Markdown and contact sheet, without a database."""

import json
import sys
import tarfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from mlcore import identity
from mlcore.checkpoints import save_generator, sha256_of
from mlcore.images import save_png
from mlcore.networks import build_generator
from tests.mlcore.paired_data import clean_picture, write_data_set


def measure(*arguments: object, verbosity: int = 0) -> str:
    out = StringIO()
    call_command("benchmark_metrics", *map(str, arguments), stdout=out, verbosity=verbosity)
    return out.getvalue()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = write_data_set(tmp_path / "faces", stems=3, levels=("light", "medium", "heavy"))
    (folder / "manifest.jsonl").write_text('{"stem": "p0"}\n', encoding="utf-8")
    return folder


def test_text_on_stdout_and_three_files_in_out(data: Path, tmp_path: Path, weights: Path) -> None:
    out = tmp_path / "deep" / "out"
    text = measure("--model", weights, "--data", data, "--out", out)
    assert {path.name for path in out.iterdir()} == {
        "benchmark.json",
        "benchmark.md",
        "contact_sheet.png",
    }
    for heading in ("light", "medium", "heavy", "all"):
        assert f"{heading}\nmethod" in text
    for title in ("do nothing", "median filter", "non-local means", "Telea*", "FSR fast*", "untrained"):
        levels = text[: text.index("\n\ndamage found")]
        assert levels.count(f"\n{title} ") == 4
    assert text.endswith(f"written to {out}: benchmark.json, benchmark.md, contact_sheet.png\n")


def test_the_record_says_what_was_measured_with_what(data: Path, tmp_path: Path, weights: Path) -> None:
    out = tmp_path / "out"
    measure("--model", weights, "--data", data, "--out", out, "--limit", 2, "--slow-limit", 1)
    record = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert record["model"]["sha256"] == sha256_of(weights)
    assert record["model"]["metadata"] == {"val": {"light": {"psnr": 20.0, "ssim": 0.8}}}
    assert record["data"]["pairs"] == {"light": 3, "medium": 3, "heavy": 3}
    assert record["data"]["manifest_sha256"] == sha256_of(data / "manifest.jsonl")
    assert record["versions"]["torch"]
    age = datetime.now(UTC) - datetime.fromisoformat(record["created"])
    assert 0 <= age.total_seconds() < 120
    assert f"--data {data} --out {out} --limit 2" in record["command"]
    counts = {(row["method"], row["level"]): row["n"] for row in record["results"]}
    assert counts["model", "light"] == 2
    assert counts["model", "all"] == 6
    assert counts["fsr-fast", "light"] == 1


def test_the_recorded_command_measures_the_same_again(data: Path, tmp_path: Path, weights: Path) -> None:
    out = tmp_path / "out"
    measure("--model", weights, "--data", data, "--out", out, "--limit", 1, "--methods", "nothing", "telea")
    first = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    program, name, *arguments = first["command"].split()
    assert (program, name) == ("manage.py", "benchmark_metrics")
    measure(*arguments)
    second = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))

    def figures(record: dict) -> list[dict]:
        return [{key: row[key] for key in row if key != "seconds_per_picture"} for row in record["results"]]

    assert figures(first) == figures(second)


def test_thorough_stands_in_rows_record_and_title(data: Path, tmp_path: Path, weights: Path) -> None:
    few = ("--model", weights, "--data", data, "--limit", 1, "--methods", "nothing")
    plain = measure(*few, "--out", tmp_path / "plain")
    told = measure(*few, "--out", tmp_path / "out", "--thorough")
    assert "\nuntrained, thorough " in told
    assert "untrained, thorough" not in plain
    records = [json.loads((tmp_path / name / "benchmark.json").read_text()) for name in ("plain", "out")]
    assert records[1]["command"].endswith(" --thorough --device cpu")
    found = [[row["psnr"] for row in record["results"] if row["method"] == "model"] for record in records]
    assert found[0] != found[1]
    assert (tmp_path / "out" / "benchmark.md").read_text().startswith("# untrained, thorough on faces\n")


def test_a_network_that_finds_nothing_cannot_be_thorough(data: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.safetensors"
    save_generator(whole, build_generator("unet_256", base_channels=2), {}, name="unet_256")
    with pytest.raises(CommandError, match="looks are for networks that find"):
        measure("--model", whole, "--data", data, "--out", tmp_path / "out", "--thorough")


def test_markdown_names_model_data_and_weights(data: Path, tmp_path: Path, weights: Path) -> None:
    measure("--model", weights, "--data", data, "--out", tmp_path, "--methods", "nothing")
    markdown = (tmp_path / "benchmark.md").read_text(encoding="utf-8")
    assert markdown.startswith("# untrained on faces\n")
    assert f"Weights: SHA-256 {sha256_of(weights)}" in markdown
    assert "    manage.py benchmark_metrics --model" in markdown


def test_the_sheet_has_a_row_a_sample_and_a_column_a_method(
    data: Path, tmp_path: Path, weights: Path
) -> None:
    for samples, name in ((1, "small"), (2, "large")):
        measure(
            *("--model", weights, "--data", data, "--out", tmp_path / name),
            *("--methods", "nothing", "median", "--samples", samples),
        )
    with Image.open(tmp_path / "small" / "contact_sheet.png") as sheet:
        small = sheet.size
    with Image.open(tmp_path / "large" / "contact_sheet.png") as sheet:
        large = sheet.size
    # Clean, degraded (which is "nothing"), median, model, found: five columns of 256 pixels with 6 between.
    assert small[0] == large[0] == 6 + 5 * 262
    assert large[1] - 26 == 2 * (small[1] - 26)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(2):
        save_png(folder / f"{number}.png", clean_picture(number, side=64)[: 64 - 16 * number])
    return folder


def test_clean_pictures_are_damaged_here_with_each_seed(clean: Path, tmp_path: Path, weights: Path) -> None:
    packed = tmp_path / "packed.tar"
    with tarfile.open(packed, "w") as archive:
        archive.add(clean / "0.png", arcname="0.png")
    out = tmp_path / "out"
    text = measure(
        *("--model", weights, "--clean", clean, "--clean", packed, "--seeds", 3, 4, 5, "--out", out),
        *("--methods", "nothing", "telea", "--intact"),
    )
    record = json.loads((out / "benchmark.json").read_text(encoding="utf-8"))
    assert record["data"]["seeds"] == [3, 4, 5]
    assert record["data"]["pictures"] == {
        "photos": {"light": 2, "medium": 2, "heavy": 2},
        "packed.tar": {"light": 1, "medium": 1, "heavy": 1},
    }
    assert [entry["sha256"] for entry in record["data"]["clean"]] == [None, sha256_of(packed)]
    counts = {(row["method"], row["group"], row["level"]): row["n"] for row in record["results"]}
    assert counts["telea", "photos", "heavy"] == 6
    assert counts["telea", "packed.tar", "all"] == 9
    assert counts["model", None, "all"] == 27
    assert counts["model", None, "intact"] == counts["model", None, "grey"] == 3
    assert "\nall data: all\nmethod" in text
    assert f"--clean {clean} {packed} --seeds 3 4 5" in record["command"]
    assert " --intact " in record["command"]


def test_pictures_can_be_brought_to_one_size(clean: Path, tmp_path: Path, weights: Path) -> None:
    arguments = ("--model", weights, "--clean", clean, "--methods", "nothing", "--samples", 1)
    measure(*arguments, "--size", 48, "--out", tmp_path / "small")
    measure(*arguments, "--out", tmp_path / "whole")
    figures = [
        json.loads((tmp_path / name / "benchmark.json").read_text(encoding="utf-8"))["results"][0]["psnr"][
            "mean"
        ]
        for name in ("small", "whole")
    ]
    assert figures[0] != figures[1]


def test_the_project_s_goals_stand_at_the_end(data: Path, tmp_path: Path, weights: Path) -> None:
    text = measure("--model", weights, "--data", data, "--out", tmp_path, "--methods", "nothing", "telea")
    block = text[text.index("\nbars\n") :].splitlines()[2:]
    assert block[0].split() == ["bar", "asked", "reached", "met"]
    assert any(line.startswith("PSNR over the levels") and line.endswith(" no") for line in block)
    record = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))
    assert {bar["met"] for bar in record["bars"]} <= {True, False}
    assert "## bars" in (tmp_path / "benchmark.md").read_text(encoding="utf-8")


def test_comparing_faces_without_the_extra_packages_says_what_to_install(
    data: Path, tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity._models.cache_clear()
    monkeypatch.setitem(sys.modules, "dlib", None)
    message = failure("--model", weights, "--data", data, "--out", tmp_path, "--identity")
    assert message.endswith("pip install -r requirements-benchmark.txt")


def test_seeds_and_sizes_are_not_for_pairs(data: Path, tmp_path: Path, weights: Path) -> None:
    for option in ("--seeds", "--size"):
        message = failure("--model", weights, "--data", data, "--out", tmp_path, option, 3)
        assert message == "--seeds and --size are for --clean; the pairs of --data are damaged already"


def test_a_clean_folder_that_is_missing_or_empty_is_told_in_a_sentence(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "empty").mkdir()
    arguments = ("--model", weights, "--out", tmp_path / "out", "--clean")
    assert failure(*arguments, tmp_path / "empty") == f"{tmp_path / 'empty'}: no picture there"
    assert str(tmp_path / "absent") in failure(*arguments, tmp_path / "absent")


def test_levels_can_be_chosen(data: Path, tmp_path: Path, weights: Path) -> None:
    text = measure(
        *("--model", weights, "--data", data, "--out", tmp_path),
        *("--levels", "heavy", "light", "--methods", "nothing"),
    )
    assert text.index("light\nmethod") < text.index("heavy\nmethod")
    assert "medium\nmethod" not in text


def test_progress_goes_to_stderr(
    data: Path, tmp_path: Path, weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    measure(
        *("--model", weights, "--data", data, "--out", tmp_path, "--limit", 1, "--methods", "nothing"),
        verbosity=1,
    )
    captured = capfd.readouterr()
    assert "1/1" in captured.err
    assert captured.out == ""


def failure(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        measure(*arguments)
    assert caught.value.returncode == 1
    return str(caught.value)


def test_every_picture_without_a_partner_is_named(data: Path, tmp_path: Path, weights: Path) -> None:
    (data / "clean" / "p1.png").unlink()
    message = failure("--model", weights, "--data", data, "--out", tmp_path)
    assert message.splitlines()[1:] == [
        f"degraded/{level}/p1.png: no clean picture of that name" for level in ("heavy", "light", "medium")
    ]


def test_a_picture_that_cannot_be_read_is_named(data: Path, tmp_path: Path, weights: Path) -> None:
    (data / "degraded" / "light" / "p1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "p1.png" in failure("--model", weights, "--data", data, "--out", tmp_path)


def test_a_missing_model_or_data_set_is_told_in_a_sentence(data: Path, tmp_path: Path, weights: Path) -> None:
    absent = tmp_path / "absent"
    assert failure("--model", absent, "--data", data, "--out", tmp_path) == (
        f"{absent}: there is no such file"
    )
    assert failure("--model", weights, "--data", absent, "--out", tmp_path).startswith(
        f"{absent} has no folders 'degraded' and 'clean'"
    )


def test_an_out_that_cannot_be_written_is_told_in_a_sentence(
    data: Path, tmp_path: Path, weights: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    message = failure("--model", weights, "--data", data, "--out", blocked, "--methods", "nothing")
    assert message == f"{blocked}: cannot be written (File exists)"


@pytest.mark.parametrize(
    ("option", "value"),
    [("--limit", 0), ("--samples", -1), ("--slow-limit", 0), ("--workers", 0), ("--size", 0)],
)
def test_counts_below_one_are_refused(
    data: Path, tmp_path: Path, weights: Path, option: str, value: int
) -> None:
    message = failure("--model", weights, "--data", data, "--out", tmp_path, option, value)
    assert message == f"Error: argument {option}: must be at least 1"
