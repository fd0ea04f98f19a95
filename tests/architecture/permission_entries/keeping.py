"""Fixity, legal hold, the log, deletion and the bin."""

from archive.services import delete_collection, delete_photo, start_fixity_run
from tests.architecture.permission_levels import CURATOR, OWNER, SIGNED_IN, STAFF, VIEWER, Entry


def binned_photo(world):
    delete_photo(photo=world.photo, actor=world.owner)
    return [world.photo.pk]


def binned_collection(world):
    delete_collection(collection=world.collection, actor=world.owner)
    return [world.collection.pk]


def fixity_run(world):
    return [start_fixity_run(requested_by=world.owner, collection=world.collection).pk]


ENTRIES = {
    "archive:bin": Entry(get=SIGNED_IN),
    "archive:photo_delete": Entry(get=CURATOR, post=CURATOR),
    "archive:photo_take_back": Entry(post=CURATOR, args=binned_photo),
    "archive:collection_delete": Entry(get=OWNER, post=OWNER),
    "archive:collection_take_back": Entry(post=OWNER, args=binned_collection),
    "archive:archive_keeping": Entry(get=STAFF),
    "archive:archive_fixity": Entry(get=STAFF, post=STAFF),
    "archive:photo_fixity": Entry(get=VIEWER, post=CURATOR),
    "archive:collection_keeping": Entry(get=VIEWER),
    "archive:collection_fixity": Entry(get=VIEWER, post=CURATOR),
    "archive:hold_set": Entry(post=OWNER),
    "archive:hold_lift": Entry(post=OWNER),
    "api:bin": Entry(get=(SIGNED_IN, "read")),
    "api:bin-photos": Entry(get=(SIGNED_IN, "read")),
    "api:bin-collections": Entry(get=(SIGNED_IN, "read")),
    "api:photos-deletion": Entry(post=(SIGNED_IN, "admin")),
    "api:photos-take-back": Entry(post=(SIGNED_IN, "admin")),
    "api:fixity-runs": Entry(get=(SIGNED_IN, "read")),
    "api:fixity-run-detail": Entry(get=(VIEWER, "read"), args=fixity_run),
    "api:photo-take-back": Entry(post=(CURATOR, "admin"), args=binned_photo),
    "api:collection-take-back": Entry(post=(OWNER, "admin"), args=binned_collection),
    "api:photo-events": Entry(get=(VIEWER, "read")),
    "api:photo-fixity": Entry(get=(VIEWER, "read"), post=(CURATOR, "upload")),
    "api:collection-events": Entry(get=(VIEWER, "read")),
    "api:collection-fixity": Entry(get=(VIEWER, "read"), post=(CURATOR, "upload")),
    "api:collection-hold": Entry(get=(VIEWER, "read"), put=(OWNER, "admin"), delete=(OWNER, "admin")),
    "api:fixity": Entry(get=(STAFF, "read"), post=(STAFF, "admin")),
}
