"""Collections, their photos and originals."""

from tests.architecture.permission_levels import CURATOR, OWNER, SIGNED_IN, VIEWER, Entry

ENTRIES = {
    "archive:collection_list": Entry(get=SIGNED_IN),
    "archive:collection_create": Entry(get=SIGNED_IN, post=SIGNED_IN),
    "archive:original": Entry(get=VIEWER),
    "archive:rendition": Entry(get=VIEWER),
    "restoration:collection_detail": Entry(get=VIEWER),
    "restoration:gallery_changes": Entry(get=VIEWER),
    "restoration:photo_card": Entry(get=VIEWER),
    "restoration:photo_detail": Entry(get=VIEWER),
    "api:collection-list": Entry(get=(SIGNED_IN, "read"), post=(SIGNED_IN, "upload")),
    "api:collection-detail": Entry(get=(VIEWER, "read"), patch=(CURATOR, "upload"), delete=(OWNER, "admin")),
    "api:collection-photos": Entry(get=(VIEWER, "read"), post=(CURATOR, "upload")),
    "api:photo-detail": Entry(get=(VIEWER, "read"), patch=(CURATOR, "upload"), delete=(CURATOR, "admin")),
    "api:photo-rendition": Entry(get=(VIEWER, "read"), args=lambda world: [world.photo.pk, "web"]),
    "api:photo-original": Entry(get=(VIEWER, "read")),
}
