"""What is said about photos and collections, and the tree in which collections stand."""

from typing import Any

from archive.models import MetadataImport
from archive.services import receive_metadata
from tests.architecture.permission_levels import CURATOR, OWNER, SIGNED_IN, VIEWER, Entry


def _table_in(world: Any) -> MetadataImport:
    return receive_metadata(
        collection=world.collection,
        uploaded_by=world.owner,
        content=b"filename,title\nphoto.png,Porch\n",
        filename="table.csv",
    )


ENTRIES = {
    "archive:collection_edit": Entry(get=CURATOR, post=CURATOR),
    "archive:collection_move": Entry(get=OWNER, post=OWNER),
    "archive:photo_description": Entry(get=CURATOR, post=CURATOR),
    "archive:photos_description": Entry(
        get=CURATOR, post=CURATOR, query="photo=00000000-0000-0000-0000-000000000000"
    ),
    "archive:descriptions": Entry(get=VIEWER, post=CURATOR),
    "archive:descriptions_csv": Entry(get=VIEWER),
    "archive:metadata_import": Entry(get=CURATOR, args=lambda world: [_table_in(world).pk]),
    "archive:metadata_import_progress": Entry(get=CURATOR, args=lambda world: [_table_in(world).pk]),
    "archive:metadata_import_apply": Entry(post=CURATOR, args=lambda world: [_table_in(world).pk]),
    "api:collection-move": Entry(post=(OWNER, "admin")),
    "api:collection-descriptions": Entry(get=(VIEWER, "read"), post=(CURATOR, "upload")),
    "api:collection-metadata-imports": Entry(get=(CURATOR, "upload")),
    "api:metadata-import-detail": Entry(get=(CURATOR, "upload"), args=lambda world: [_table_in(world).pk]),
    "api:metadata-import-rows": Entry(get=(CURATOR, "upload"), args=lambda world: [_table_in(world).pk]),
    "api:metadata-import-application": Entry(
        post=(CURATOR, "upload"), args=lambda world: [_table_in(world).pk]
    ),
    "api:photo-embedded": Entry(get=(VIEWER, "read")),
    # Each photo is refused by itself: tests/archive/test_api_descriptions.py.
    "api:photo-descriptions": Entry(post=(SIGNED_IN, "upload")),
}
