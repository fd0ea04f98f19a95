"""The goals: judged from what was measured, and only then."""

import pytest

from mlcore.bars import Bar, judge
from mlcore.baselines import BASELINES, Method
from mlcore.benchmark_scores import GREY, INTACT, Benchmark, Score, summarise

LEVELS = ("light", "medium", "heavy")
MODEL = Method("model", "the model", lambda degraded, mask: degraded, needs_mask=False)
METHODS = [BASELINES["nothing"], BASELINES["telea"], BASELINES["fsr-fast"], MODEL]


def score(method: str, level: str, values: dict[str, float], *, stem: str = "a", group: str = "g") -> Score:
    return Score(method, group, stem, level, values, 0.1, seed=0)


def measured(
    scores: list[Score], levels: tuple[str, ...] = LEVELS, groups: tuple[str, ...] = ("g",)
) -> Benchmark:
    return summarise(scores, METHODS, levels, groups, seed=0)


def bar(bars: list[Bar], beginning: str) -> Bar:
    (found,) = [bar for bar in bars if bar.title.startswith(beginning)]
    return found


@pytest.mark.parametrize(("heavy", "met"), [(33.0, True), (32.9, False)])
def test_quality_over_the_levels_is_their_mean(heavy: float, met: bool) -> None:
    scores = [
        score("model", level, {"psnr": psnr, "ssim": 0.97})
        for level, psnr in zip(LEVELS, (40.0, 35.0, heavy), strict=True)
    ]
    bars = judge(measured(scores), method="model")
    assert bar(bars, "PSNR over the levels").met is met
    assert bar(bars, "PSNR over the levels").asked == ">= 36 dB"
    assert bar(bars, "SSIM over the levels").met
    assert bar(bars, "PSNR at heavy").met


def test_without_all_levels_nothing_is_said_over_the_levels() -> None:
    bars = judge(measured([score("model", "heavy", {"psnr": 29.0})], levels=("heavy",)), method="model")
    assert [(each.title, each.met) for each in bars] == [("PSNR at heavy", False)]
    assert bars[0].reached == "29.00 [29.00, 29.00] dB"


def test_what_was_not_measured_is_not_judged() -> None:
    assert judge(measured([score("telea", "light", {"psnr": 20.0})]), method="model") == []


def test_the_closest_other_method_decides() -> None:
    scores = [
        score("model", "light", {"psnr": 30.0}),
        score("nothing", "light", {"psnr": 20.0}),
        score("telea", "light", {"psnr": 31.5}),
    ]
    decided = bar(judge(measured(scores), method="model"), "PSNR at light above")
    assert (decided.met, decided.reached) == (False, "-1.50 [-1.50, -1.50] dB to Telea")


def test_being_level_with_another_method_is_not_being_above_it() -> None:
    scores = [score(method, "light", {"psnr": 30.0}) for method in ("model", "telea")]
    assert not bar(judge(measured(scores), method="model"), "PSNR at light above").met


def test_a_method_measured_on_fewer_pictures_is_met_on_those() -> None:
    scores = [
        score("model", "light", {"psnr": 20.0}, stem="hard"),
        score("model", "light", {"psnr": 40.0}, stem="easy"),
        score("fsr-fast", "light", {"psnr": 39.0}, stem="easy"),
    ]
    decided = bar(judge(measured(scores), method="model"), "PSNR at light above")
    assert (decided.met, decided.reached) == (True, "+1.00 [+1.00, +1.00] dB to FSR fast")


@pytest.mark.parametrize(("ours", "met"), [(26.0, True), (25.9, False)])
def test_inside_the_damage_only_methods_that_were_told_count_and_a_lead_of_one_is_asked(
    ours: float, met: bool
) -> None:
    scores = [
        score("model", "medium", {"psnr_inside": ours}),
        score("nothing", "medium", {"psnr_inside": 90.0}),
        score("telea", "medium", {"psnr_inside": 25.0}),
    ]
    decided = bar(judge(measured(scores), method="model"), "PSNR inside the damage at medium")
    assert (decided.met, decided.asked) == (met, ">= +1 dB")


def test_leaving_alone_finding_and_recognising() -> None:
    scores = [
        score("model", INTACT, {"psnr": 44.9}),
        score("model", GREY, {"channel_difference": 0.0}, stem="a"),
        score("model", GREY, {"channel_difference": 2.0}, stem="b"),
        *(score("model", level, {"iou": 0.85, "identity": 0.2}) for level in LEVELS),
        score("telea", "light", {"identity": 0.21}),
        score("fsr-fast", "light", {"identity": 0.2}),
    ]
    bars = judge(measured(scores), method="model")
    assert [(each.title, each.met) for each in bars] == [
        ("undamaged picture in: PSNR out", False),
        ("grey in: largest difference between channels out", False),
        ("damage found: IoU", True),
        ("identity distance at light below Telea", True),
        ("identity distance at light below FSR fast", False),
    ]
    assert bars[1].reached == "2"


def test_each_data_set_is_judged_by_itself() -> None:
    scores = [
        score("model", "heavy", {"psnr": psnr}, group=group)
        for group, psnr in (("faces", 31.0), ("photos", 21.0))
    ]
    bars = judge(measured(scores, ("heavy",), ("faces", "photos")), method="model")
    assert [(each.group, each.met) for each in bars] == [("faces", True), ("photos", False)]
