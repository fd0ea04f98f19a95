"""Every write of the archive. Each function is one transaction and takes keywords only."""

from archive.services.collections import add_member, create_collection, update_collection
from archive.services.deletion import delete_photo, discard_unused_original
from archive.services.events import EventKind, record_event
from archive.services.ingest import ingest_photo

__all__ = [
    "EventKind",
    "add_member",
    "create_collection",
    "delete_photo",
    "discard_unused_original",
    "ingest_photo",
    "record_event",
    "update_collection",
]
