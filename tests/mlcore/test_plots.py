"""Training curves: what is read from the log, what is drawn, and that drawing leaves nothing behind."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from mlcore.plots import losses_figure, metric_figure, plot_run
from mlcore.run_log import read_epochs


def epoch_line(epoch: int, phase: str = "1:1", psnr: float = 20.0, **changes: object) -> dict[str, object]:
    levels = {"light": 5.0, "medium": 0.0, "heavy": -5.0, "mean": 0.0}
    line: dict[str, object] = {
        "kind": "epoch",
        "epoch": epoch,
        "phase": phase,
        "losses": {"G_GAN": 0.7 + epoch, "G_L1": 0.1 / epoch, "D_real": 0.5, "D_fake": 0.4, "G_mask": 9.0},
        "val": {
            level: {"psnr": psnr + shift + epoch, "ssim": 0.8 + epoch / 100}
            for level, shift in levels.items()
        },
        "images": 64,
        "seconds": 1.5,
    }
    return {**line, **changes}


def write_log(path: Path, *entries: object, tail: str = "") -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries) + tail, encoding="utf-8")
    return path


def test_reads_epochs_in_order_and_ignores_other_lines(tmp_path: Path) -> None:
    log = write_log(
        tmp_path / "log.jsonl", {"kind": "start", "epoch": 9}, epoch_line(2), {"kind": "step"}, epoch_line(1)
    )
    assert [record.epoch for record in read_epochs(log)] == [1, 2]


def test_an_epoch_run_again_after_a_resume_counts_once_with_its_last_values(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", epoch_line(1), epoch_line(2, psnr=10.0), epoch_line(2, psnr=30.0))
    records = read_epochs(log)
    assert len(records) == 2
    assert records[1].validation["medium"]["psnr"] == 32.0


def test_a_last_line_cut_short_is_left_out(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", epoch_line(1), tail='{"kind": "epo')
    assert [record.epoch for record in read_epochs(log)] == [1]


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("{oops\n" + json.dumps(epoch_line(1)) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^log\.jsonl, line 1: not JSON"):
        read_epochs(log)


def test_losses_figure_draws_the_four_losses_of_the_paper_and_the_finders_apart(tmp_path: Path) -> None:
    epochs = read_epochs(write_log(tmp_path / "log.jsonl", *(epoch_line(n) for n in (1, 2, 3))))
    figure = losses_figure(epochs)
    panels = [[str(line.get_label()) for line in axes.get_lines()] for axes in figure.axes]
    assert panels == [["G_GAN", "D_real", "D_fake"], ["G_L1"], ["G_mask"]]
    curves = {
        str(line.get_label()): list(map(tuple, line.get_xydata()))
        for axes in figure.axes
        for line in axes.get_lines()
    }
    assert curves["G_GAN"] == [(1, 1.7), (2, 2.7), (3, 3.7)]
    assert curves["G_L1"] == [(1, 0.1), (2, 0.05), (3, 0.1 / 3)]


def test_a_run_without_a_discriminator_yet_gets_the_panel_of_its_l1_alone(tmp_path: Path) -> None:
    lines = [epoch_line(1, losses={"G_L1": 0.2}), epoch_line(2, losses={"G_L1": 0.1})]
    epochs = read_epochs(write_log(tmp_path / "log.jsonl", *lines))
    (axes,) = losses_figure(epochs).axes
    assert [line.get_label() for line in axes.get_lines()] == ["G_L1"]


def test_losses_of_other_names_are_drawn_with_those_of_reconstruction(tmp_path: Path) -> None:
    losses = {"G_L1": 0.2, "G_hole": 0.3, "G_feature": 0.4}
    (axes,) = losses_figure(read_epochs(write_log(tmp_path / "log.jsonl", epoch_line(1, losses=losses)))).axes
    assert {line.get_label() for line in axes.get_lines()} == set(losses)


def test_a_run_without_losses_yet_gets_an_empty_panel(tmp_path: Path) -> None:
    epochs = read_epochs(write_log(tmp_path / "log.jsonl", epoch_line(1, losses={})))
    (axes,) = losses_figure(epochs).axes
    assert list(axes.get_lines()) == []


def test_the_found_mask_has_a_curve_where_there_is_one(tmp_path: Path) -> None:
    scores = {"mean": {"psnr": 20.0, "ssim": 0.9, "iou": 0.5}}
    log = write_log(tmp_path / "log.jsonl", epoch_line(1, val=scores))
    assert tmp_path / "iou.png" in plot_run(log, tmp_path)


def test_levels_are_listed_from_light_to_heavy_and_the_mean_last(tmp_path: Path) -> None:
    shuffled = {level: {"psnr": 20.0, "ssim": 0.9} for level in ("heavy", "mean", "light", "medium")}
    epochs = read_epochs(write_log(tmp_path / "log.jsonl", epoch_line(1, val=shuffled)))
    (axes,) = metric_figure(epochs, "psnr", title="PSNR", label="PSNR (dB)").axes
    assert [line.get_label() for line in axes.get_lines()] == ["light", "medium", "heavy", "mean"]


def test_metric_figure_draws_one_line_a_level_and_their_mean(tmp_path: Path) -> None:
    epochs = read_epochs(write_log(tmp_path / "log.jsonl", epoch_line(1), epoch_line(2)))
    (axes,) = metric_figure(epochs, "psnr", title="PSNR", label="PSNR (dB)").axes
    curves = {str(line.get_label()): line.get_ydata().tolist() for line in axes.get_lines()}
    assert curves == {
        "light": [26.0, 27.0],
        "medium": [21.0, 22.0],
        "heavy": [16.0, 17.0],
        "mean": [21.0, 22.0],
    }


def test_a_new_phase_is_marked_between_its_epochs(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", epoch_line(1), epoch_line(2), epoch_line(3, "2:1"))
    (axes,) = metric_figure(read_epochs(log), "ssim", title="SSIM", label="SSIM").axes
    assert [text.get_text() for text in axes.texts] == ["2:1"]
    assert any(line.get_xdata()[0] == 2.5 for line in axes.get_lines())


def test_epochs_without_validation_or_with_a_value_that_is_no_number_leave_a_gap(tmp_path: Path) -> None:
    broken = epoch_line(3, val={"light": {"psnr": math.nan, "ssim": 0.5}})
    log = write_log(tmp_path / "log.jsonl", epoch_line(1), epoch_line(2, val=None), broken)
    (axes,) = metric_figure(read_epochs(log), "psnr", title="PSNR", label="PSNR (dB)").axes
    light = next(line for line in axes.get_lines() if line.get_label() == "light")
    assert light.get_xdata().tolist() == [1]


def test_writes_three_readable_pictures_that_show_something(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", epoch_line(1))
    written = plot_run(log, tmp_path / "curves" / "deep")
    assert [path.name for path in written] == ["losses.png", "ssim.png", "psnr.png"]
    for path in written:
        pixels = imread(path)
        assert pixels.shape[1] > 600
        assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 20


def test_a_log_without_an_epoch_draws_nothing(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", {"kind": "start"})
    assert plot_run(log, tmp_path / "curves") == []
    assert not (tmp_path / "curves").exists()


def test_drawing_does_not_import_pyplot() -> None:
    code = "import sys, mlcore.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
