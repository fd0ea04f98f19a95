"""What each kind of event is called: in a sentence for people, and by its type in PREMIS for archives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from archive.events.kinds import AccessEvent, EventKind

# Terms of the Library of Congress, id.loc.gov/vocabulary/preservation/eventType, where there is one.
DELETION, DERIVATION, FIXITY_CHECK, INGESTION = "deletion", "derivation", "fixity check", "ingestion"
METADATA_MODIFICATION, POLICY_ASSIGNMENT = "metadata modification", "policy assignment"
QUALITY_REVIEW = "quality review"


@dataclass(frozen=True, slots=True)
class EventType:
    """`sentence` is English and marked for translation; `premis` is the term of the vocabulary."""

    sentence: str
    premis: str


_types: dict[str, EventType] = {}


def register_event_types(types: Mapping[str, EventType]) -> None:
    """Add the kinds that an app records, from its AppConfig.ready."""
    _types.update({str(kind): event_type for kind, event_type in types.items()})


def event_sentence(kind: str) -> str:
    """What happened, in the reader's language; a kind that a later version recorded by its name."""
    return gettext(_types[kind].sentence) if kind in _types else kind


def premis_type(kind: str) -> str:
    """The term of PREMIS; a kind that nobody has registered by its name."""
    return _types[kind].premis if kind in _types else kind.replace("-", " ")


register_event_types(
    {
        EventKind.COLLECTION_CREATED: EventType(gettext_noop("Collection created"), "creation"),
        EventKind.COLLECTION_CHANGED: EventType(
            gettext_noop("Collection described anew"), METADATA_MODIFICATION
        ),
        EventKind.COLLECTION_MOVED: EventType(gettext_noop("Collection moved"), METADATA_MODIFICATION),
        EventKind.COLLECTION_DELETED: EventType(gettext_noop("Collection put in the bin"), "deaccession"),
        EventKind.COLLECTION_TAKEN_BACK: EventType(
            gettext_noop("Collection taken back from the bin"), "accession"
        ),
        EventKind.COLLECTION_PURGED: EventType(gettext_noop("Collection deleted for good"), DELETION),
        EventKind.HOLD_SET: EventType(gettext_noop("Put under legal hold"), POLICY_ASSIGNMENT),
        EventKind.HOLD_LIFTED: EventType(gettext_noop("Legal hold lifted"), POLICY_ASSIGNMENT),
        EventKind.PHOTO_INGESTED: EventType(gettext_noop("Original received"), INGESTION),
        EventKind.PHOTO_DESCRIBED: EventType(gettext_noop("Photo described anew"), METADATA_MODIFICATION),
        EventKind.PHOTO_DELETED: EventType(gettext_noop("Photo put in the bin"), "deaccession"),
        EventKind.PHOTO_TAKEN_BACK: EventType(gettext_noop("Photo taken back from the bin"), "accession"),
        EventKind.PHOTO_PURGED: EventType(gettext_noop("Photo deleted for good"), DELETION),
        EventKind.FIXITY_CHECKED: EventType(gettext_noop("Files compared with their SHA-256"), FIXITY_CHECK),
        EventKind.FIXITY_FAILED: EventType(gettext_noop("A file is not as it should be"), FIXITY_CHECK),
        EventKind.FIXITY_MENDED: EventType(gettext_noop("A file is as it should be again"), FIXITY_CHECK),
        EventKind.BAG_EXPORTED: EventType(gettext_noop("Exported as a bag"), "dissemination"),
        EventKind.BAG_IMPORTED: EventType(gettext_noop("Imported from a bag"), "transfer"),
        AccessEvent.MEMBER_ADDED: EventType(gettext_noop("Member added"), POLICY_ASSIGNMENT),
        AccessEvent.MEMBER_CHANGED: EventType(gettext_noop("Role of a member changed"), POLICY_ASSIGNMENT),
        AccessEvent.MEMBER_REMOVED: EventType(gettext_noop("Member removed"), POLICY_ASSIGNMENT),
        AccessEvent.OWNER_CHANGED: EventType(
            gettext_noop("Handed over to another person"), POLICY_ASSIGNMENT
        ),
        AccessEvent.MEMBER_INVITED: EventType(gettext_noop("Person invited"), POLICY_ASSIGNMENT),
        AccessEvent.INVITATION_REVOKED: EventType(gettext_noop("Invitation revoked"), POLICY_ASSIGNMENT),
        AccessEvent.SHARE_LINK_CREATED: EventType(gettext_noop("Share link created"), POLICY_ASSIGNMENT),
        AccessEvent.SHARE_LINK_REVOKED: EventType(gettext_noop("Share link revoked"), POLICY_ASSIGNMENT),
        AccessEvent.PUBLICATION_CHANGED: EventType(
            gettext_noop("Opening to the public changed"), POLICY_ASSIGNMENT
        ),
        AccessEvent.WEBHOOK_CREATED: EventType(gettext_noop("Webhook created"), POLICY_ASSIGNMENT),
        AccessEvent.WEBHOOK_CHANGED: EventType(gettext_noop("Webhook changed"), POLICY_ASSIGNMENT),
        AccessEvent.WEBHOOK_DELETED: EventType(gettext_noop("Webhook deleted"), POLICY_ASSIGNMENT),
    }
)
