"""Restorations, their files and reviews, and the registry of models."""

from tests.architecture.permission_levels import REVIEWER, SIGNED_IN, STAFF, VIEWER, Entry

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
    "api:photo-restorations": Entry(get=(VIEWER, "read"), post=(REVIEWER, "restore")),
    "api:collection-restorations": READ,
    "api:restoration-detail": READ,
    "api:restoration-result": READ,
    "api:restoration-layer": Entry(get=(VIEWER, "read"), args=lambda world: [world.restoration.pk, "mask"]),
    "api:restoration-hand": READ,
    "api:restoration-strength": Entry(post=(REVIEWER, "restore")),
    "api:restoration-reviews": Entry(get=(VIEWER, "read"), post=(REVIEWER, "review")),
    "api:model-list": Entry(get=(SIGNED_IN, "read")),
    "api:model-detail": Entry(get=(SIGNED_IN, "read"), args=lambda world: [world.model_version.pk]),
}
