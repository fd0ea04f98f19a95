"""The kinds of events that the archive itself records; other apps have kinds of their own."""

from django.db.models import TextChoices


class EventKind(TextChoices):
    """What the archive itself records; other apps add kinds of their own."""

    COLLECTION_CREATED = "collection-created"
    COLLECTION_CHANGED = "collection-changed"
    COLLECTION_MOVED = "collection-moved"
    COLLECTION_DELETED = "collection-deleted"
    COLLECTION_TAKEN_BACK = "collection-taken-back"
    COLLECTION_PURGED = "collection-purged"
    HOLD_SET = "legal-hold-set"
    HOLD_LIFTED = "legal-hold-lifted"
    PHOTO_INGESTED = "photo-ingested"
    PHOTO_DESCRIBED = "photo-described"
    PHOTO_DELETED = "photo-deleted"
    PHOTO_TAKEN_BACK = "photo-taken-back"
    PHOTO_PURGED = "photo-purged"
    FIXITY_CHECKED = "fixity-checked"
    FIXITY_FAILED = "fixity-failed"
    FIXITY_MENDED = "fixity-mended"
    BAG_EXPORTED = "bag-exported"
    BAG_IMPORTED = "bag-imported"


class AccessEvent(TextChoices):
    """What is written down about who may do what. Details name people, never keys."""

    MEMBER_ADDED = "member-added"
    MEMBER_CHANGED = "member-changed"
    MEMBER_REMOVED = "member-removed"
    OWNER_CHANGED = "owner-changed"
    MEMBER_INVITED = "member-invited"
    INVITATION_REVOKED = "invitation-revoked"
    SHARE_LINK_CREATED = "share-link-created"
    SHARE_LINK_REVOKED = "share-link-revoked"
    PUBLICATION_CHANGED = "publication-changed"
    WEBHOOK_CREATED = "webhook-created"
    WEBHOOK_CHANGED = "webhook-changed"
    WEBHOOK_DELETED = "webhook-deleted"
