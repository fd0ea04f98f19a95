"""Figures become a benchmark record, the time of a promotion becomes a row of its own."""

from django.db import migrations

ALL_LEVELS = {"mean": "all"}
# Figures were those of the training run's own validation: told as such, and comparable with nothing.
MEASURED_ON = "validation of the training run"


def forwards(apps, schema_editor):
    ModelVersion = apps.get_model("restoration", "ModelVersion")
    ModelPromotion = apps.get_model("restoration", "ModelPromotion")
    for row in ModelVersion.objects.all():
        if row.figures:
            row.benchmark = as_benchmark(row.figures, row.weights_sha256)
            row.save(update_fields=["benchmark"])
        if row.promoted_at:
            promotion = ModelPromotion.objects.create(model_version=row)
            # The field sets itself on creation.
            ModelPromotion.objects.filter(pk=promotion.pk).update(promoted_at=row.promoted_at)


def as_benchmark(figures, weights_sha256):
    results = [
        {
            "method": "model",
            "title": "model",
            "told_mask": False,
            "group": "",
            "level": ALL_LEVELS.get(level, level),
            "pictures": None,
            "measures": {name: {"mean": value} for name, value in measures.items()},
        }
        for level, measures in figures.items()
    ]
    return {"model": {"sha256": weights_sha256}, "data": {"path": MEASURED_ON}, "results": results}


def backwards(apps, schema_editor):
    for row in apps.get_model("restoration", "ModelVersion").objects.all():
        row.figures = {
            result["level"]: {name: figure["mean"] for name, figure in result["measures"].items()}
            for result in row.benchmark.get("results", [])
            if result["method"] == "model"
        }
        last = row.promotions.order_by("-promoted_at").first()
        row.promoted_at = last.promoted_at if last else None
        row.save(update_fields=["figures", "promoted_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("restoration", "0002_registry"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
