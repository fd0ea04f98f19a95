"""What comes in: uploads, imports, and photos that look alike."""

from typing import Any

from archive.services import begin_upload
from tests.architecture.permission_levels import CURATOR, NOBODY_ELSE, STAFF, VIEWER, Entry


def _upload_in(world: Any) -> list[Any]:
    """Whoever has begun an upload goes on with it, here the owner, and nobody else sees it."""
    upload = begin_upload(collection=world.collection, uploaded_by=world.owner, filename="a.png", length=1000)
    return [upload.pk]


def _run_in(world: Any) -> list[Any]:
    return [world.import_run.pk]


ENTRIES = {
    "archive:photo_upload": Entry(post=CURATOR),
    "archive:bag_import": Entry(get=STAFF, post=STAFF),
    "archive:import_list": Entry(get=CURATOR),
    "archive:import_detail": Entry(get=CURATOR, args=_run_in),
    "archive:import_progress": Entry(get=CURATOR, args=_run_in),
    "archive:import_refusals": Entry(get=CURATOR, args=_run_in),
    "api:collection-uploads": Entry(post=(CURATOR, "upload")),
    "api:upload-detail": Entry(
        get=(NOBODY_ELSE, "upload"),
        patch=(NOBODY_ELSE, "upload"),
        delete=(NOBODY_ELSE, "upload"),
        args=_upload_in,
    ),
    # It comes to no collection, so that what a role there gives does not count.
    "api:bag-uploads": Entry(get=(STAFF, "admin"), post=(STAFF, "admin")),
    "api:collection-imports": Entry(get=(CURATOR, "upload")),
    "api:import-detail": Entry(get=(CURATOR, "upload"), args=_run_in),
    "api:import-items": Entry(get=(CURATOR, "upload"), args=_run_in),
    "api:photo-alike": Entry(get=(VIEWER, "read")),
}
