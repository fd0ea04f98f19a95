"""Which model restores: registered by its bytes, promoted by its figures."""

import pytest
from django.db import IntegrityError, transaction

from archive.errors import StateError
from restoration.models import ModelVersion
from restoration.services import promote_model, register_model
from tests.factories import make_model_version

pytestmark = pytest.mark.django_db

FIGURES = {
    "light": {"psnr": 33.0, "ssim": 0.97},
    "medium": {"psnr": 28.0, "ssim": 0.91},
    "heavy": {"psnr": 25.0, "ssim": 0.86},
}


def better_by(change: float, level: str = "heavy", metric: str = "psnr") -> dict[str, dict[str, float]]:
    figures = {name: dict(metrics) for name, metrics in FIGURES.items()}
    figures[level][metric] += change
    return figures


def default_model() -> ModelVersion:
    return ModelVersion.objects.default().get()


def test_the_first_model_becomes_the_default_and_the_second_does_not():
    first = make_model_version()
    second = make_model_version()
    assert (first.is_default, first.promoted_at is None) == (True, False)
    assert (second.is_default, second.promoted_at) == (False, None)
    assert default_model() == first


def test_the_same_bytes_are_one_row_wherever_they_lie():
    first = make_model_version(weights_path="here/a.safetensors", figures=FIGURES)
    again = register_model(
        name=first.name,
        version=first.version,
        weights_path="there/a.safetensors",
        weights_sha256=first.weights_sha256,
        figures={},
    )
    assert again.pk == first.pk
    row = ModelVersion.objects.get()
    assert (row.weights_path, row.figures, row.is_default) == ("there/a.safetensors", FIGURES, True)


def test_a_name_and_version_mean_one_file():
    make_model_version(name="faces", version="1")
    with pytest.raises(StateError) as refused:
        make_model_version(name="faces", version="1")
    assert refused.value.code == "restoration:model:name-taken"
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize(
    "figures", [FIGURES, better_by(1.0), {**FIGURES, "mean": {"psnr": 1.0}}], ids=["equal", "better", "more"]
)
def test_a_model_at_least_as_good_is_promoted(figures):
    former = make_model_version(figures=FIGURES)
    candidate = make_model_version(figures=figures)
    promote_model(model_version=candidate)
    former.refresh_from_db()
    assert (default_model(), former.is_default) == (candidate, False)


@pytest.mark.parametrize(
    "figures",
    [
        better_by(-0.01),
        better_by(-0.001, "light", "ssim"),
        {**better_by(9.0, "light"), "medium": {"psnr": 27.0, "ssim": 0.99}},
        {"light": FIGURES["light"]},
        {},
    ],
    ids=["worse on heavy", "worse ssim", "better on one, worse on another", "levels missing", "no figures"],
)
def test_a_model_worse_at_any_level_is_not(figures):
    former = make_model_version(figures=FIGURES)
    candidate = make_model_version(figures=figures)
    with pytest.raises(StateError) as refused:
        promote_model(model_version=candidate)
    assert refused.value.code == "restoration:model:not-better"
    assert default_model() == former
    promote_model(model_version=candidate, even_if_worse=True)
    assert default_model() == candidate


def test_promoting_the_default_again_changes_nothing():
    model_version = make_model_version()
    promoted_at = model_version.promoted_at
    promote_model(model_version=model_version)
    assert default_model().promoted_at == promoted_at


def test_the_database_knows_one_default_only():
    make_model_version()
    second = make_model_version()
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(is_default=True)
