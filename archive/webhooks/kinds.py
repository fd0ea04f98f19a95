"""What a webhook can be told: names for programs, which never change, and words for people.

`docs/webhooks.md` describes the same table for whoever writes a receiver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext, gettext_noop

from archive.events.kinds import EventKind

TEST = "test"
"""What "send a test" sends. Nobody chooses it: every webhook is told."""


@dataclass(frozen=True, slots=True)
class HookKind:
    """One kind of thing to tell.

    `sentence` is English and marked for translation. `events`: kinds of the event log that are told under
    this name, each with what to say besides. `fields`: what is taken over from an event's details, `None`
    where it says nothing; where there are no events, what is said of it by whoever announces it.
    """

    sentence: str
    events: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()

    def data_fields(self) -> list[str]:
        """What is said of it besides where, and of an event besides when and by whom."""
        return sorted({*self.fields, *(name for said in self.events.values() for name in said)})


_kinds: dict[str, HookKind] = {}
_of_event: dict[str, str] = {}


def register_hook_kinds(kinds: Mapping[str, HookKind]) -> None:
    """Add what an app can tell, from its AppConfig.ready."""
    _kinds.update(kinds)
    _of_event.update({str(event): name for name, kind in kinds.items() for event in kind.events})


def hook_kinds() -> dict[str, HookKind]:
    """All that there are, by name, in alphabetical order."""
    return dict(sorted(_kinds.items()))


def kind_sentence(name: str) -> str:
    """What a kind is called, in the reader's language; one that is gone by its name."""
    if name == TEST:
        return gettext("Test")
    return gettext(_kinds[name].sentence) if name in _kinds else name


def kind_of_event(event_kind: str) -> str | None:
    """The name under which this kind of event is told; None where nobody is told."""
    return _of_event.get(str(event_kind))


def said_of(event_kind: str, details: Mapping[str, object]) -> dict[str, object]:
    """What is told of an event besides where, when and by whom: its details, as its kind takes them over."""
    kind = _kinds[_of_event[str(event_kind)]]
    return {name: details.get(name) for name in kind.fields} | dict(kind.events[event_kind])


register_hook_kinds(
    {
        "photo.added": HookKind(
            gettext_noop("Photo added"), {EventKind.PHOTO_INGESTED: {}}, ("filename", "sha256")
        ),
        "photo.described": HookKind(gettext_noop("Photo described anew"), {EventKind.PHOTO_DESCRIBED: {}}),
        "photo.deleted": HookKind(gettext_noop("Photo put in the bin"), {EventKind.PHOTO_DELETED: {}}),
        "photo.taken_back": HookKind(
            gettext_noop("Photo taken back from the bin"), {EventKind.PHOTO_TAKEN_BACK: {}}
        ),
        "collection.changed": HookKind(
            gettext_noop("Collection created, described anew or moved"),
            {
                EventKind.COLLECTION_CREATED: {"change": "created"},
                EventKind.COLLECTION_CHANGED: {"change": "described"},
                EventKind.COLLECTION_MOVED: {"change": "moved"},
            },
        ),
        "collection.exported": HookKind(
            gettext_noop("Collection exported as a bag"),
            {EventKind.BAG_EXPORTED: {}},
            ("bag", "purpose", "photos", "bytes"),
        ),
        "import.finished": HookKind(
            gettext_noop("Import of many files finished"),
            fields=(
                *("import", "source", "state", "code", "person"),
                *("taken", "present", "refused", "passed_over"),
            ),
        ),
        "fixity.failed": HookKind(
            gettext_noop("A stored file is not as it should be"), {EventKind.FIXITY_FAILED: {}}
        ),
        "fixity.mended": HookKind(
            gettext_noop("A stored file is as it should be again"), {EventKind.FIXITY_MENDED: {}}
        ),
    }
)
