"""Every sentence that restoration says about a failure, by its code. Codes never change; sentences may."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.errors import StateError
from restoration.errors import EngineError

SENTENCES: dict[str, Promise] = {
    "restoration:request:already-active": _("This photo is already being restored."),
    "restoration:review:not-done": _("Only a finished restoration can be reviewed."),
    "restoration:review:not-permitted": _(
        "Only curators and reviewers of the collection can review its restorations."
    ),
    "restoration:review:unknown-decision": _("A review approves or rejects."),
    "restoration:lease:lost": _("Another worker has taken this restoration over."),
    "restoration:attempts:exhausted": _(
        "The worker stopped without an answer each time this photo was tried. "
        "It may be too large for this machine."
    ),
    "restoration:engine:timeout": _("The restoration took longer than this machine allows."),
    "restoration:engine:unexpected": _(
        "Something unexpected went wrong. The details are in the worker's log."
    ),
    "restoration:engine:out-of-memory": _(
        "The machine has too little memory to restore a photo of this size."
    ),
    "restoration:engine:original-missing": _("The original file is missing from the archive's storage."),
    "restoration:engine:original-changed": _(
        "The original file no longer matches its checksum, so it was not used."
    ),
    "restoration:engine:result-missing": _(
        "The result was removed from storage before it was finished. Try again."
    ),
    "restoration:model:none": _(
        "No model is registered to restore with. The operator can add one with register_model."
    ),
    "restoration:model:missing": _("The model's weights file is missing."),
    "restoration:model:changed": _("The model's weights file is not the one that was registered."),
    "restoration:model:unreadable": _("The model's weights file cannot be read."),
    "restoration:model:not-better": _(
        "The model is not at least as good as the present default at every level."
    ),
    "restoration:model:name-taken": _(
        "Another set of weights is already registered under this name and version."
    ),
}


def sentence(code: str, *, default: str = "") -> str:
    """The sentence for a code in the current language; `default` for a code that this app does not know."""
    return str(SENTENCES[code]) if code in SENTENCES else default


def state_error(code: str) -> StateError:
    """The error for a write that the present state, or the person's role, does not allow."""
    return StateError(code, sentence(code))


def engine_error(code: str) -> EngineError:
    """The error for trouble on the machine's side."""
    return EngineError(code, sentence(code))
