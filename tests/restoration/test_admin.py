"""The admin shows every row of the registry, and lets nobody bend what services keep straight."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from restoration.models import ModelPromotion, ModelVersion, SamplePicture, SampleResult, SampleRun
from tests.benchmarks import FIGURES, better_by
from tests.factories import make_model_version, make_sample_results

pytestmark = pytest.mark.django_db

MODELS = [ModelVersion, ModelPromotion, SamplePicture, SampleRun, SampleResult]


def address(model: type[Any], page: str, *args: object) -> str:
    return reverse(f"admin:restoration_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_rows_can_be_looked_up_and_not_changed(admin_client: Client, model: type[Any]) -> None:
    make_sample_results(make_model_version(figures=FIGURES))
    row = model.objects.first()
    assert admin_client.get(address(model, "changelist"), {"q": "paper"}).status_code == 200
    assert admin_client.get(address(model, "change", row.pk)).status_code == 200
    for page in (address(model, "add"), address(model, "delete", row.pk)):
        assert admin_client.get(page).status_code == 403
    assert admin_client.post(address(model, "change", row.pk), {}).status_code == 403


def test_every_model_of_the_app_is_registered() -> None:
    registered = {model for model in admin.site._registry if model._meta.app_label == "restoration"}
    assert registered >= set(MODELS)


@pytest.mark.parametrize(("change", "promoted"), [(1.0, True), (-1.0, False)])
def test_the_action_promotes_by_the_figures(admin_client: Client, change: float, promoted: bool) -> None:
    make_model_version(figures=FIGURES)
    candidate = make_model_version(figures=better_by(change))
    choice = {"action": "promote", "_selected_action": [str(candidate.pk)]}
    response = admin_client.post(address(ModelVersion, "changelist"), choice, follow=True)
    assert (ModelVersion.objects.default().get() == candidate) is promoted
    assert ("is worse than the present default" in response.content.decode()) is not promoted
    if promoted:
        assert candidate.promotions.get().promoted_by.username == "admin"
