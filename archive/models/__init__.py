"""Collections, their members and photos, the files behind the photos, and what happened to them."""

from archive.models.access import ApiToken, Invitation, ShareLink
from archive.models.attempts import Attempts
from archive.models.cluster_beats import ClusterBeat
from archive.models.collections import Collection, Level, Lineage, Membership
from archive.models.events import ChainLink, Event
from archive.models.finding import CatalogueEntry
from archive.models.fixity import SHELVES, FixityFinding, FixityRun
from archive.models.ingest import ImportItem, ImportRun, Upload
from archive.models.kept_answers import KeptAnswer
from archive.models.metadata_imports import MetadataImport, MetadataRow
from archive.models.people import Profile
from archive.models.photos import Original, Photo, Rendition, is_sha256
from archive.models.tags import Tag, tag_key
from archive.models.webhooks import Webhook, WebhookAttempt, WebhookDelivery

__all__ = [
    "SHELVES",
    "ApiToken",
    "Attempts",
    "CatalogueEntry",
    "ChainLink",
    "ClusterBeat",
    "Collection",
    "Event",
    "FixityFinding",
    "FixityRun",
    "ImportItem",
    "ImportRun",
    "Invitation",
    "KeptAnswer",
    "Level",
    "Lineage",
    "Membership",
    "MetadataImport",
    "MetadataRow",
    "Original",
    "Photo",
    "Profile",
    "Rendition",
    "ShareLink",
    "Tag",
    "Upload",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "is_sha256",
    "tag_key",
]
