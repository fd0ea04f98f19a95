"""Which model restores: registered by its bytes, promoted by its figures, and every promotion is kept."""

import pytest
from django.db import IntegrityError, transaction

from archive.errors import StateError
from restoration.models import ModelPromotion, ModelVersion
from restoration.registry.figures import figures_of
from restoration.services import promote_model, register_model
from tests.benchmarks import DO_NOTHING, FIGURES, better_by
from tests.factories import make_model_version, make_user

pytestmark = pytest.mark.django_db


def default_model() -> ModelVersion:
    return ModelVersion.objects.default().get()


def refusal_of_promoting(candidate: ModelVersion, **options) -> StateError:
    """The refusal, after which the default is who it was and nothing was kept."""
    before = default_model(), ModelPromotion.objects.count()
    with pytest.raises(StateError) as refused:
        promote_model(model_version=candidate, **options)
    assert (default_model(), ModelPromotion.objects.count()) == before
    return refused.value


def test_the_first_model_becomes_the_default_and_the_second_does_not():
    first = make_model_version()
    second = make_model_version()
    assert (first.is_default, first.promotions.count()) == (True, 1)
    assert (second.is_default, second.promotions.count()) == (False, 0)
    assert default_model() == first


def test_the_same_bytes_are_one_row_wherever_they_lie():
    first = make_model_version(weights_path="here/a.safetensors", figures=FIGURES, card="# A")
    again = register_model(
        name="another name",
        version="9",
        weights_path="there/a.safetensors",
        weights_sha256=first.weights_sha256,
        card="# B",
    )
    assert again.pk == first.pk
    row = ModelVersion.objects.get()
    assert (row.weights_path, row.name, row.card) == ("there/a.safetensors", first.name, "# B")
    assert (row.is_default, row.benchmark) == (True, first.benchmark)


def test_a_name_and_version_mean_one_file():
    make_model_version(name="faces", version="1")
    with pytest.raises(StateError) as refused:
        make_model_version(name="faces", version="1")
    assert refused.value.code == "restoration:model:name-taken"
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize("figures", [FIGURES, better_by(1.0)], ids=["equal", "better"])
def test_a_model_at_least_as_good_is_promoted_and_that_is_kept(figures):
    former = make_model_version(figures=FIGURES)
    candidate = make_model_version(figures=figures)
    staff = make_user(is_staff=True)
    promote_model(model_version=candidate, promoted_by=staff)
    former.refresh_from_db()
    assert (default_model(), former.is_default) == (candidate, False)
    kept = candidate.promotions.get()
    assert (kept.replaced, kept.promoted_by, kept.forced, kept.reason) == (former, staff, False, "")
    compared = {(row["level"], row["measure"]): row for row in kept.comparison}
    assert len(compared) == 6
    heavy = compared["heavy", "psnr"]
    assert (heavy["candidate"]["mean"], heavy["present"]["mean"]) == (figures["heavy"]["psnr"], 25.0)


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (better_by(-0.25), "Heavy damage: PSNR 24.75 dB, the default 25.00 dB (\N{MINUS SIGN}0.25 dB)."),
        (
            better_by(-0.001, "light", "ssim"),
            "Light damage: SSIM 0.9690, the default 0.9700 (\N{MINUS SIGN}0.0010).",
        ),
        (
            {**better_by(9.0, "light"), "medium": {"psnr": 27.0, "ssim": 0.99}},
            "Medium damage: PSNR 27.00 dB, the default 28.00 dB (\N{MINUS SIGN}1.00 dB).",
        ),
    ],
    ids=["worse on heavy", "worse ssim", "better on one, worse on another"],
)
def test_a_model_worse_at_any_level_is_not_and_told_by_how_much(figures, told):
    make_model_version(figures=FIGURES)
    refused = refusal_of_promoting(make_model_version(figures=figures))
    assert refused.code == "restoration:model:not-better"
    assert refused.message == f"The model is worse than the present default. {told}"


@pytest.mark.parametrize(
    ("default", "candidate", "code"),
    [
        (FIGURES, None, "not-measured"),
        (None, FIGURES, "not-measured"),
        (FIGURES, {"light": FIGURES["light"]}, "not-comparable"),
    ],
    ids=["candidate without figures", "default without figures", "levels missing"],
)
def test_what_cannot_be_compared_is_not_promoted(default, candidate, code):
    make_model_version(figures=default)
    refused = refusal_of_promoting(make_model_version(figures=candidate))
    assert refused.code == f"restoration:model:{code}"


@pytest.mark.parametrize(
    "measured",
    [
        {"manifest": "b" * 64},
        {"seed": 1},
        {"nothing": {**DO_NOTHING, "heavy": {"psnr": 22.0, "ssim": 0.8}}},
        {"nothing": {}},
    ],
    ids=["other data", "other damage by name", "other damage by measure", "do nothing not measured"],
)
def test_figures_on_other_pictures_prove_nothing(measured):
    make_model_version(figures=FIGURES)
    refused = refusal_of_promoting(make_model_version(figures=better_by(5.0), measured=measured))
    assert refused.code == "restoration:model:not-comparable"


def test_force_needs_a_reason_and_keeps_it():
    default = make_model_version(figures=FIGURES)
    candidate = make_model_version(figures=better_by(-1.0))
    assert refusal_of_promoting(candidate, force=True).code == "restoration:model:reason-missing"
    assert refusal_of_promoting(candidate, force=True, reason="  ").code == "restoration:model:reason-missing"
    promote_model(model_version=candidate, force=True, reason=" the file is lost ")
    assert default_model() == candidate
    kept = candidate.promotions.get()
    assert (kept.forced, kept.reason, kept.replaced) == (True, "the file is lost", default)
    assert (kept.refusal_code, kept.promoted_by) == ("restoration:model:not-better", None)


def test_only_staff_promote():
    make_model_version(figures=FIGURES)
    candidate = make_model_version(figures=FIGURES)
    refused = refusal_of_promoting(candidate, promoted_by=make_user())
    assert refused.code == "restoration:model:not-permitted"


def test_promoting_the_default_again_changes_nothing():
    model_version = make_model_version()
    promote_model(model_version=model_version)
    assert model_version.promotions.count() == 1


def test_the_way_back_is_kept_too():
    first = make_model_version(figures=FIGURES)
    second = make_model_version(figures=FIGURES)
    promote_model(model_version=second)
    promote_model(model_version=first)
    assert default_model() == first
    assert [promotion.replaced for promotion in first.promotions.all()] == [second, None]


def test_the_database_knows_one_default_only():
    make_model_version()
    second = make_model_version()
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(is_default=True)


def test_the_database_keeps_no_forced_promotion_without_a_reason():
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelPromotion.objects.create(model_version=make_model_version(), forced=True)


def test_figures_keep_their_intervals():
    figure = figures_of(make_model_version(figures=FIGURES).benchmark)["light"]["psnr"]
    assert (figure.mean, figure.low, figure.high, figure.n) == (33.0, 33.0 * 0.99, 33.0 * 1.01, 4)
