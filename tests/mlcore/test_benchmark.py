"""The benchmark: which method is measured on which pictures, and what of it."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mlcore import benchmark as benchmark_module
from mlcore.baselines import BASELINES, Method
from mlcore.benchmark import model_method, run
from mlcore.benchmark_cases import PairedSubject, Subject, clean_subjects, paired_subjects
from mlcore.benchmark_scores import ALL_LEVELS, GREY, INTACT, Benchmark, measure
from mlcore.checkpoints import save_generator
from mlcore.errors import ImageError, MlcoreError, PairingError
from mlcore.images import Bytes, save_png
from mlcore.inference import Restorer, change_report
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import clean_picture, write_data_set
from tests.mlcore.small_network import small_network
from tests.mlcore.toy_generators import Brighten

NOTHING = BASELINES["nothing"]
TELEA = BASELINES["telea"]
SLOW = Method("slow", "slow", lambda degraded, mask: degraded.copy(), needs_mask=True, slow=True)


def subjects_of(
    folder: Path, *, stems: int = 4, levels: tuple[str, ...] = ("light", "heavy"), masks: bool = True
) -> list[PairedSubject]:
    return paired_subjects(find_pairs(write_data_set(folder, stems=stems, levels=levels, masks=masks)), "set")


@pytest.fixture
def measured(tmp_path: Path) -> Benchmark:
    return run(subjects_of(tmp_path), [NOTHING, TELEA, SLOW], slow_limit=1)


def test_rows_are_the_means_of_the_scores(measured: Benchmark) -> None:
    assert measured.levels == ["light", "heavy"]
    for row in measured.rows:
        scores = [
            score.values["psnr_inside"]
            for score in measured.scores
            if score.method == row.method.name and row.level in (score.level, ALL_LEVELS)
        ]
        assert row.n == len(scores)
        assert row.measures["psnr_inside"].mean == pytest.approx(np.mean(scores))


def test_a_slow_method_says_on_how_few_pictures_it_was_measured(measured: Benchmark) -> None:
    counts = {(row.method.name, row.level): (row.n, row.pictures) for row in measured.rows}
    assert counts["nothing", "light"] == counts["telea", "light"] == (4, 4)
    assert counts["slow", "light"] == counts["slow", "heavy"] == (1, 1)
    assert (counts["telea", "all"], counts["slow", "all"]) == ((8, 4), (2, 1))


def test_a_method_told_the_mask_beats_doing_nothing_where_the_damage_is(measured: Benchmark) -> None:
    for level in ("light", "heavy", ALL_LEVELS):
        nothing, telea, _ = measured.table(level)
        assert telea.measures["psnr_inside"].low > nothing.measures["psnr_inside"].high


def test_the_model_is_measured_on_what_its_restorer_gives_and_finds(tmp_path: Path) -> None:
    subjects = subjects_of(tmp_path, stems=1, levels=("light",))
    restorer = Restorer(Brighten())
    (score,) = run(subjects, [model_method(restorer, title="toy")]).scores
    (case,) = subjects[0].cases()
    for name, value in measure(restorer.restore(case.degraded).image, case.clean, case.mask).items():
        assert score.values[name] == value
    assert case.mask is not None
    found, truth = case.degraded[..., 0] < 128, case.mask > 127  # what Brighten takes for damaged
    assert score.values["iou"] == pytest.approx((found & truth).sum() / (found | truth).sum())
    assert score.values["precision"] == pytest.approx((found & truth).sum() / found.sum())
    assert score.values["recall"] == 1.0


def test_success_compares_with_the_degraded_picture(tmp_path: Path) -> None:
    def clean_again(degraded: Bytes, mask: Bytes) -> Bytes:
        return clean_picture(0)

    methods = [NOTHING, Method("perfect", "perfect", clean_again, needs_mask=False)]
    measured = run(subjects_of(tmp_path, stems=1), methods)
    assert [row.measures["success"].mean for row in measured.table("heavy")] == [0.0, 1.0]


def test_pairs_without_a_mask_are_left_to_methods_that_need_none(tmp_path: Path) -> None:
    measured = run(subjects_of(tmp_path, masks=False), [NOTHING, TELEA])
    assert {row.method.name for row in measured.rows} == {"nothing"}
    assert list(measured.rows[0].measures) == ["psnr", "ssim", "success"]


def test_undamaged_pictures_tell_what_a_method_spoils(tmp_path: Path) -> None:
    restorer = Restorer(Brighten())
    measured = run(
        subjects_of(tmp_path, stems=1), [NOTHING, TELEA, model_method(restorer, title="toy")], intact=True
    )
    nothing, toy = measured.table(INTACT)
    assert (nothing.method.name, nothing.measures["psnr"].mean) == ("nothing", 100.0)
    assert nothing.measures["share_changed"].mean == 0
    clean = clean_picture(0)
    report = change_report(clean, restorer.restore(clean).image)
    assert report["share_changed"] > 0
    assert toy.measures["share_changed"].mean == pytest.approx(report["share_changed"])
    assert toy.measures["max_change"].mean == report["max_change"]


def test_grey_in_shows_whether_grey_comes_out(tmp_path: Path) -> None:
    def tint(degraded: Bytes, mask: Bytes) -> Bytes:
        tinted = degraded // 2
        tinted[5, 5, 2] += 17
        return tinted

    methods = [NOTHING, Method("tint", "tint", tint, needs_mask=False)]
    measured = run(subjects_of(tmp_path, stems=2), methods, intact=True)
    assert [row.measures["channel_difference"].largest for row in measured.table(GREY)] == [0.0, 17.0]


def test_several_workers_measure_the_same_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in range(3):
        save_png(folder / f"{number}.png", clean_picture(number, side=48))
    subjects = clean_subjects([folder], seeds=(1, 2))
    methods = [NOTHING, TELEA, model_method(Restorer(Brighten()), title="toy")]
    calls: list[tuple[int, int]] = []
    one = run(subjects, methods, intact=True)
    two = run(subjects, methods, intact=True, workers=2, on_progress=lambda *done: calls.append(done))

    def told(measured: Benchmark) -> list[tuple[object, ...]]:
        return [(s.method, s.stem, s.level, s.seed, s.values, s.found) for s in measured.scores]

    assert told(one) == told(two)
    assert len(one.scores) == 3 * (2 * 3 * 3 + 2 * 2)
    assert calls == [(done, 6) for done in range(1, 7)]


def test_workers_load_the_model_from_its_file(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    save_generator(weights, small_network(), {})
    model = model_method(Restorer.from_checkpoint(weights), title="toy", weights=weights)
    assert model.portable
    subjects = subjects_of(tmp_path, stems=2)
    one, two = (run(subjects, [NOTHING, model], workers=workers) for workers in (1, 2))
    assert [score.values for score in one.scores] == [pytest.approx(score.values) for score in two.scores]
    often = model_method(Restorer.from_checkpoint(weights, looks=8), title="toy", weights=weights)
    eight = run(subjects, [NOTHING, often], workers=2)
    assert [score.values for score in eight.scores] != [score.values for score in two.scores]
    weights.unlink()
    with pytest.raises(MlcoreError):
        run(subjects, [NOTHING, model], workers=2)


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    subjects = subjects_of(tmp_path, stems=1)
    (tmp_path / "degraded" / "light" / "p0.png").write_bytes(b"broken")
    with pytest.raises(ImageError, match=r"p0\.png: not a picture"):
        run(subjects, [NOTHING])


@pytest.mark.parametrize(
    "error",
    [ImageError("mlcore:image:missing", "gone"), PairingError("mlcore:pairing:missing", "2", ["a", "b"])],
)
def test_an_error_comes_back_whole_from_another_process(error: MlcoreError) -> None:
    returned = pickle.loads(pickle.dumps(error))
    assert type(returned) is type(error)
    assert (str(returned), vars(returned)) == (str(error), vars(error))


def test_faces_are_compared_on_the_first_pictures_with_the_methods_it_is_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Face:
        def distance(self, restored: Bytes) -> float:
            return 0.25

    monkeypatch.setattr(benchmark_module, "check_packages", lambda: None)
    monkeypatch.setattr(benchmark_module, "find_face", lambda clean: Face())
    methods = [NOTHING, BASELINES["median"], TELEA]
    measured = run(subjects_of(tmp_path), methods, slow_limit=2, identity=True)
    known = {
        row.method.name: row.measures["identity"]
        for row in measured.table("heavy")
        if "identity" in row.measures
    }
    assert set(known) == {"nothing", "telea"}
    assert (known["telea"].mean, known["telea"].n) == (0.25, 2)


def test_a_picture_without_a_face_has_no_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_module, "check_packages", lambda: None)
    monkeypatch.setattr(benchmark_module, "find_face", lambda clean: None)
    measured = run(subjects_of(tmp_path), [NOTHING], identity=True)
    assert "identity" not in measured.rows[0].measures


def test_progress_counts_each_picture_up_to_the_last(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    run(subjects_of(tmp_path, stems=3), [NOTHING], on_progress=lambda *done: calls.append(done))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    subjects: Sequence[Subject] = subjects_of(tmp_path)
    first, second = (run(subjects, [NOTHING], seed=4) for _ in range(2))
    assert [row.measures for row in first.rows] == [row.measures for row in second.rows]


def test_nothing_to_measure_on_is_refused() -> None:
    with pytest.raises(ValueError, match="no pictures to measure on"):
        run([], [NOTHING])
