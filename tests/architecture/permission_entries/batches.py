"""Many photos at once, and the progress of a collection."""

from tests.architecture.permission_levels import CURATOR, REVIEWER, SIGNED_IN, VIEWER, Entry

ENTRIES = {
    "archive:selection": Entry(post=VIEWER),
    "restoration:upload_panel": Entry(get=CURATOR),
    "restoration:batch": Entry(
        get=REVIEWER,
        post=REVIEWER,
        args=lambda world: [world.collection.pk, "restore"],
        query="all=1",
    ),
    "restoration:progress": Entry(get=VIEWER),
    "restoration:progress_state": Entry(get=VIEWER),
    "restoration:pause": Entry(post=CURATOR),
    "restoration:resume": Entry(post=CURATOR),
    "restoration:cancel": Entry(post=CURATOR),
    "restoration:retry": Entry(post=REVIEWER),
    "api:photos-restoring": Entry(post=(SIGNED_IN, "restore")),
    "api:collection-restore": Entry(post=(REVIEWER, "restore")),
    "api:collection-progress": Entry(get=(VIEWER, "read")),
    "api:restoration-progress": Entry(get=(VIEWER, "read")),
    "api:collection-pause": Entry(post=(CURATOR, "restore")),
    "api:collection-resume": Entry(post=(CURATOR, "restore")),
    "api:collection-cancel": Entry(post=(CURATOR, "restore")),
    "api:collection-retry": Entry(post=(REVIEWER, "restore")),
}
