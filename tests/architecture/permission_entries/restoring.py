"""Restorations, their files and reviews, and the registry of models."""

from pathlib import Path

from django.conf import settings

from tests.architecture.permission_levels import CURATOR, REVIEWER, SIGNED_IN, STAFF, VIEWER, Entry
from tests.training_runs import write_training_run


def training_run(world):
    return [write_training_run(Path(settings.PULIH_RUNS_DIR) / "fill3").name]


LOOK = Entry(get=VIEWER)
READ = Entry(get=(VIEWER, "read"))

ENTRIES = {
    "restoration:photo_status": LOOK,
    "restoration:photo_versions": LOOK,
    "restoration:request": Entry(post=REVIEWER),
    "restoration:review": Entry(post=REVIEWER),
    "restoration:strength": Entry(post=REVIEWER),
    "restoration:kept": Entry(get=VIEWER, args=lambda world: [world.restoration.pk, "mask"]),
    "restoration:result": LOOK,
    "restoration:result_rendition": LOOK,
    "restoration:model_list": Entry(get=SIGNED_IN),
    "restoration:model_compare": Entry(get=SIGNED_IN),
    "restoration:model_samples": Entry(get=SIGNED_IN, post=SIGNED_IN),
    "restoration:model_detail": Entry(get=SIGNED_IN),
    "restoration:model_promote": Entry(post=STAFF),
    "restoration:sample_rendition": Entry(
        get=SIGNED_IN, args=lambda world: [world.sample_result.sample_id, "clean"]
    ),
    "restoration:sample_result_rendition": Entry(get=SIGNED_IN, args=lambda world: [world.sample_result.pk]),
    "restoration:training_run_list": Entry(get=STAFF),
    "restoration:training_run_detail": Entry(get=STAFF, args=training_run),
    "restoration:training_run_sheet": Entry(get=STAFF, args=lambda world: [*training_run(world), 2]),
    "api:model-promotion": Entry(post=(STAFF, "admin"), args=lambda world: [world.model_version.pk]),
    "api:model-comparison": Entry(
        get=(SIGNED_IN, "read"), args=lambda world: [world.model_version.pk, world.model_version.pk]
    ),
    "api:model-samples": Entry(
        get=(SIGNED_IN, "read"), post=(SIGNED_IN, "restore"), args=lambda world: [world.model_version.pk]
    ),
    "api:model-sample": Entry(
        get=(SIGNED_IN, "read"), args=lambda world: [world.sample_result.sample_id, "clean"]
    ),
    "api:model-sample-result": Entry(get=(SIGNED_IN, "read"), args=lambda world: [world.sample_result.pk]),
    "api:training-run-sheet": Entry(get=(STAFF, "read"), args=lambda world: [*training_run(world), 2]),
    "api:restoration-rendition": Entry(
        get=(VIEWER, "read"), args=lambda world: [world.restoration.pk, "web"]
    ),
    "api:training-run-list": Entry(get=(STAFF, "read")),
    "api:training-run-detail": Entry(get=(STAFF, "read"), args=training_run),
    "api:photo-restorations": Entry(get=(VIEWER, "read"), post=(REVIEWER, "restore")),
    "api:collection-restorations": READ,
    "api:restoration-detail": READ,
    "api:restoration-result": READ,
    "api:restoration-layer": Entry(get=(VIEWER, "read"), args=lambda world: [world.restoration.pk, "mask"]),
    "api:restoration-hand": READ,
    "api:restoration-redo": Entry(post=(REVIEWER, "restore")),
    "api:restoration-cancel": Entry(post=(CURATOR, "restore")),
    "api:restoration-strength": Entry(post=(REVIEWER, "restore")),
    "api:restoration-reviews": Entry(get=(VIEWER, "read"), post=(REVIEWER, "review")),
    "api:model-list": Entry(get=(SIGNED_IN, "read")),
    "api:model-detail": Entry(get=(SIGNED_IN, "read"), args=lambda world: [world.model_version.pk]),
}
