"""What an installation knew of its models before the registry is kept."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from restoration.registry.figures import data_name, figures_of

BEFORE, AFTER = ("restoration", "0001_initial"), ("restoration", "0004_registry_tidy")
FIGURES = {"light": {"psnr": 31.0, "ssim": 0.95}, "mean": {"psnr": 29.0, "ssim": 0.9}}
PROMOTED = datetime(2026, 1, 2, tzinfo=UTC)


def migrate(target):
    call_command("migrate", *target, verbosity=0)
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.mark.django_db(transaction=True)
def test_figures_and_promotions_survive_both_ways():
    try:
        old = migrate(BEFORE).get_model("restoration", "ModelVersion")
        row = old.objects.create(
            name="faces",
            version="1",
            weights_path="a",
            weights_sha256="a" * 64,
            figures=FIGURES,
            is_default=True,
            promoted_at=PROMOTED,
        )
        old.objects.create(name="faces", version="2", weights_path="b", weights_sha256="b" * 64)
        new = migrate(AFTER).get_model("restoration", "ModelVersion")
        kept = new.objects.get(pk=row.pk)
        assert (kept.is_default, kept.promotions.get().promoted_at) == (True, PROMOTED)
        assert figures_of(kept.benchmark)["all"]["psnr"].mean == 29.0
        assert data_name(kept.benchmark) == "validation of the training run"
        bare = new.objects.get(version="2")
        assert (bare.benchmark, bare.promotions.count()) == ({}, 0)
        back = migrate(BEFORE).get_model("restoration", "ModelVersion").objects.get(pk=row.pk)
        assert (back.promoted_at, back.figures["light"]) == (PROMOTED, FIGURES["light"])
    finally:
        # The newest schema: the tests after this one use the same database.
        call_command("migrate", verbosity=0)
