"""Every sentence that restoration says about a failure, by its code. Codes never change; sentences may."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.errors import InputError, StateError
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
    "restoration:model:foreign": _("The weights file was not written by Pulih."),
    "restoration:model:mismatch": _("The weights do not fit the network that their file names."),
    "restoration:model:unknown": _("No model is registered under this name and version."),
    "restoration:model:not-better": _("The model is worse than the present default. %(shortfalls)s."),
    "restoration:model:not-measured": _(
        "The model cannot be compared with the present default: one of the two has no figures."
    ),
    "restoration:model:not-comparable": _(
        "The model cannot be compared with the present default: they were measured on different pictures."
    ),
    "restoration:model:not-permitted": _("Only staff can promote a model."),
    "restoration:model:reason-missing": _("Overruling the figures needs a reason, which is kept."),
    "restoration:model:name-taken": _(
        "Another set of weights is already registered under this name and version."
    ),
    "restoration:benchmark:unreadable": _("The benchmark is not one that benchmark_metrics wrote."),
    "restoration:benchmark:foreign": _("The benchmark is about other weights."),
    "restoration:benchmark:empty": _("The benchmark holds no PSNR and SSIM of the model."),
    "restoration:card:unreadable": _("The model card cannot be read as text in UTF-8."),
    "restoration:log:unreadable": _("The training log is not one that train_pix2pix wrote."),
}


def sentence(code: str, *, default: str = "") -> str:
    """The sentence for a code in the current language; `default` for a code that this app does not know."""
    return str(SENTENCES[code]) if code in SENTENCES else default


def input_error(code: str) -> InputError:
    """The error for something handed in that cannot be accepted."""
    return InputError(code, sentence(code))


def state_error(code: str, **values: object) -> StateError:
    """The error for a write that the present state, or the person's role, does not allow; `values` fill its
    sentence.
    """
    return StateError(code, sentence(code) % values if values else sentence(code))


def engine_error(code: str) -> EngineError:
    """The error for trouble on the machine's side."""
    return EngineError(code, sentence(code))
