"""Checks speak up about a queue that would lose or repeat work, and about weights that have changed."""

import pytest
from django.core.checks import run_checks

from config.queue import queue_settings
from restoration.models import ModelVersion
from tests.restoration.conftest import save_untrained


def ids(**options) -> list[str]:
    return [message.id for message in run_checks(**options) if message.id.startswith("restoration.")]


def test_our_settings_pass():
    assert ids() == []


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_any_number_of_workers_passes(settings, workers):
    settings.Q_CLUSTER = queue_settings(workers=workers, timeout_seconds=600)
    assert ids() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"timeout": None}, ["restoration.E001"]),
        ({"retry": 1800}, ["restoration.E002"]),
        ({"queue_limit": 500}, ["restoration.E002"]),
        ({"ack_failures": False}, ["restoration.E003"]),
    ],
)
def test_a_queue_that_loses_or_repeats_work_is_an_error(settings, change, expected):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **change}
    assert ids() == expected


@pytest.mark.parametrize(
    ("passes", "expected"), [(0, []), (1, ["restoration.E004"]), (2, []), (9, ["restoration.E004"])]
)
def test_a_number_of_passes_that_tells_no_spread_is_an_error(settings, passes, expected):
    settings.PULIH_INVENTION_PASSES = passes
    assert ids() == expected


@pytest.mark.django_db
def test_weights_are_looked_at_only_where_the_database_may_be_asked(model_version, tmp_path):
    assert ids(databases=["default"]) == []
    ModelVersion.objects.update(weights_path=str(tmp_path / "gone"))
    assert ids() == []
    assert ids(databases=["default"]) == ["restoration.W001"]
    ModelVersion.objects.update(weights_path=str(save_untrained(tmp_path / "other", seed=5)))
    assert ids(databases=["default"]) == ["restoration.W002"]


@pytest.mark.django_db
def test_no_model_yet_is_no_fault():
    assert ids(databases=["default"]) == []
