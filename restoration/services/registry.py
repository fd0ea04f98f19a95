"""The model registry: which weights exist, and which of them new restorations use."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from archive.errors import StateError
from restoration import messages
from restoration.models import ModelPromotion, ModelVersion
from restoration.registry.figure_labels import shortfalls
from restoration.registry.figures import DECISIVE, Comparison, compare


def register_model(
    *,
    name: str,
    version: str,
    weights_path: str,
    weights_sha256: str,
    architecture: dict[str, Any] | None = None,
    benchmark: dict[str, Any] | None = None,
    training_log: list[dict[str, Any]] | None = None,
    card: str = "",
    data_licence: str = "",
) -> ModelVersion:
    """Register weights by their SHA-256 and return the row; the first model ever registered becomes the
    default.

    Registering the same bytes again returns the row that is there under its own name, with the new path and
    whatever of the rest is not empty. Raises StateError `restoration:model:name-taken`.
    """
    given = {
        "architecture": architecture,
        "benchmark": benchmark,
        "training_log": training_log,
        "card": card,
        "data_licence": data_licence,
    }
    described = {field: value for field, value in given.items() if value}
    with transaction.atomic():
        _lock_registry()
        taken = ModelVersion.objects.filter(name=name, version=version).exclude(weights_sha256=weights_sha256)
        if taken.exists():
            raise messages.state_error("restoration:model:name-taken")
        model_version, _created = ModelVersion.objects.update_or_create(
            weights_sha256=weights_sha256,
            defaults={"weights_path": weights_path, **described},
            create_defaults={"name": name, "version": version, "weights_path": weights_path, **described},
        )
        if not ModelVersion.objects.default().exists():
            _make_default(model_version, ModelPromotion(model_version=model_version))
    return model_version


def promote_model(
    *, model_version: ModelVersion, promoted_by: User | None = None, force: bool = False, reason: str = ""
) -> ModelVersion:
    """Make the model the default of new restorations, and keep who did it, when and on which figures.

    Raises StateError unless it is at least as good as the present default at every level:
    `restoration:model:not-better` (its sentence says by how much at which level and measure),
    `:not-measured` or `:not-comparable`. `force` overrules these with a `reason`, which is kept, else
    `:reason-missing`. `:not-permitted` for people who are not staff; None stands for the operator.
    Promoting the default again changes nothing.
    """
    if promoted_by is not None and not promoted_by.is_staff:
        raise messages.state_error("restoration:model:not-permitted")
    reason = reason.strip()
    with transaction.atomic():
        _lock_registry()
        present = ModelVersion.objects.default().first()
        if present is not None and present.pk == model_version.pk:
            return model_version
        model_version.refresh_from_db()
        comparison = compare_with_default(model_version, present)
        refusal = refusal_of(comparison)
        if refusal is not None and not force:
            raise refusal
        if refusal is not None and not reason:
            raise messages.state_error("restoration:model:reason-missing")
        promotion = ModelPromotion(
            model_version=model_version,
            replaced=present,
            promoted_by=promoted_by,
            forced=refusal is not None,
            refusal_code=comparison.refusal,
            reason=reason,
            comparison=[asdict(each) for each in comparison.differences if each.measure in DECISIVE],
        )
        _make_default(model_version, promotion)
    return model_version


def compare_with_default(candidate: ModelVersion, present: ModelVersion | None) -> Comparison:
    """The candidate's figures beside those of the default; without a default nothing is refused."""
    if present is None:
        return Comparison([], "")
    return compare(candidate.benchmark, present.benchmark)


def refusal_of(comparison: Comparison) -> StateError | None:
    """Why the candidate may not take over, in a sentence; None where it may."""
    if not comparison.refusal:
        return None
    values = (
        {"shortfalls": "; ".join(shortfalls(comparison.worse))}
        if comparison.refusal == "restoration:model:not-better"
        else {}
    )
    return messages.state_error(comparison.refusal, **values)


def _lock_registry() -> None:
    """Make registering and promoting wait for each other, inside a transaction.

    All rows and not only the default's: whoever waits for that one finds that it is no longer the default.
    """
    list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _make_default(model_version: ModelVersion, promotion: ModelPromotion) -> None:
    ModelVersion.objects.default().update(is_default=False)
    model_version.is_default = True
    model_version.save(update_fields=["is_default"])
    promotion.save()
