"""The model registry: which weights exist, which of them new restorations use."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from restoration import messages
from restoration.models import ModelVersion


def register_model(
    *, name: str, version: str, weights_path: str, weights_sha256: str, figures: dict[str, Any]
) -> ModelVersion:
    """Register weights by their SHA-256 and return the row; the first model ever registered becomes the
    default.

    Registering the same bytes again returns the row that is there, with the new path. `figures` by level and
    metric: {"light": {"psnr": 31.2, "ssim": 0.97}, ...}. Raises StateError `restoration:model:name-taken`.
    """
    with transaction.atomic():
        taken = ModelVersion.objects.filter(name=name, version=version).exclude(weights_sha256=weights_sha256)
        if taken.exists():
            raise messages.state_error("restoration:model:name-taken")
        model_version, _created = ModelVersion.objects.update_or_create(
            weights_sha256=weights_sha256,
            defaults={"weights_path": weights_path},
            create_defaults={
                "name": name,
                "version": version,
                "weights_path": weights_path,
                "figures": figures,
            },
        )
        if not ModelVersion.objects.default().exists():
            _make_default(model_version)
    return model_version


def promote_model(*, model_version: ModelVersion, even_if_worse: bool = False) -> ModelVersion:
    """Make the model the default of new restorations.

    Raises StateError `restoration:model:not-better` unless it is at least as good as the present default at
    every level and metric that the default has figures for; `even_if_worse` is for a default that can no
    longer be used.
    """
    with transaction.atomic():
        present = ModelVersion.objects.default().exclude(id=model_version.id).first()
        if present is not None and not even_if_worse and not is_at_least_as_good(model_version, present):
            raise messages.state_error("restoration:model:not-better")
        _make_default(model_version)
    return model_version


def is_at_least_as_good(candidate: ModelVersion, present: ModelVersion) -> bool:
    """True if no figure of `present` (PSNR, SSIM: higher is better) is higher than, or missing from,
    `candidate`.
    """
    return all(
        candidate.figures.get(level, {}).get(metric, float("-inf")) >= value
        for level, metrics in present.figures.items()
        for metric, value in metrics.items()
    )


def _make_default(model_version: ModelVersion) -> None:
    ModelVersion.objects.default().exclude(id=model_version.id).update(is_default=False)
    if not model_version.is_default:
        model_version.is_default = True
        model_version.promoted_at = timezone.now()
        model_version.save(update_fields=["is_default", "promoted_at"])
