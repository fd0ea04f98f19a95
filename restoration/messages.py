"""Every sentence that restoration says about a failure, by its code. Codes never change; sentences may."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.errors import InputError, StateError
from restoration.errors import EngineError
from restoration.presentation.numbers import rounded

SENTENCES: dict[str, Promise] = {
    "restoration:request:already-active": _("This photo is already being restored."),
    "restoration:cancel:ended": _("This restoration has ended already."),
    "restoration:strength:out-of-range": _("A strength is a whole number from 0 to 100."),
    "restoration:strength:not-done": _("Only a finished restoration can be blended again."),
    "restoration:strength:no-repair": _(
        "What this restoration changed was not kept, so it cannot be blended again. Restore the photo again."
    ),
    "restoration:hand:not-a-png": _("The hand's mask is not a PNG picture."),
    "restoration:hand:too-large": _("The hand's mask may have at most 4096 pixels a side."),
    "restoration:hand:proportions": _("The hand's mask has other proportions than the photo."),
    "restoration:hand:values": _(
        "The hand's mask may hold only 0 (leave it to the model), 128 (protect) and 255 (repair), in grey."
    ),
    "restoration:review:not-done": _("Only a finished restoration can be reviewed."),
    "restoration:review:not-permitted": _(
        "Only curators and reviewers of the collection can review its restorations."
    ),
    "restoration:review:unknown-decision": _("A review approves or rejects."),
    "restoration:review:unknown-reason": _("This is no reason for a rejection."),
    "restoration:review:decided-meanwhile": _("Somebody else has decided about this picture meanwhile."),
    "restoration:review:own-upload": _(
        "You uploaded this picture yourself; somebody else has to approve it."
    ),
    "restoration:review:second-needed": _("You have approved this picture already; a second person has to."),
    "restoration:undo:nothing": _("There is no decision to undo."),
    "restoration:undo:not-yours": _("Somebody else has decided since, so your decision cannot be undone."),
    "restoration:rule:unknown": _("This is no rule for approvals."),
    "restoration:lease:lost": _("Another worker has taken this restoration over."),
    "restoration:lease:paused": _("Restoring is paused here: the restoration waits again."),
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
    "restoration:engine:no-room": _(
        "There was no room left on the machine's disk. Once there is, the photo can be restored again."
    ),
    "restoration:engine:storage-unavailable": _(
        "The archive's storage of files did not answer. Once it does, the photo can be restored again."
    ),
    "restoration:engine:original-missing": _("The original file is missing from the archive's storage."),
    "restoration:engine:original-changed": _(
        "The original file no longer matches its checksum, so it was not used."
    ),
    "restoration:engine:repair-missing": _(
        "What the earlier restoration changed is missing from the archive's storage, or was changed there."
    ),
    "restoration:engine:hand-missing": _(
        "The hand's mask is missing from the archive's storage, or was changed there."
    ),
    "restoration:original:unreadable": _("The original cannot be read as a picture."),
    "restoration:original:truncated": _("The original is damaged and cannot be read to its end."),
    "restoration:original:unsupported": _("The original is of a kind that cannot be restored."),
    "restoration:original:too-large": _("The original has more pixels than can be restored."),
    "restoration:original:too-long": _("A side of the original is longer than can be restored."),
    "restoration:gate:not-a-number": _("The result was rejected: the model computed what is no number."),
    "restoration:gate:black": _("The result was rejected: it is black where the original is not."),
    "restoration:gate:mean-shift": _(
        "The result was rejected: it is much lighter or darker than the original."
    ),
    "restoration:gate:clipping": _(
        "The result was rejected: far more of it than of the original is pure black or pure white."
    ),
    "restoration:engine:result-missing": _(
        "The result was removed from storage before it was finished. Try again."
    ),
    "restoration:reproduction:unknown": _("There is no such restoration."),
    "restoration:reproduction:not-done": _("Only a finished restoration can be made again."),
    "restoration:reproduction:too-old": _(
        "This restoration was made before everything needed to make it again was kept."
    ),
    "restoration:model:none": _(
        "No model is registered to restore with. The operator can add one with register_model."
    ),
    "restoration:model:missing": _("The model's weights file is missing."),
    "restoration:model:changed": _("The model's weights file is not the one that was registered."),
    "restoration:model:unreadable": _("The model's weights file cannot be read."),
    "restoration:model:unsuited": _(
        "The model cannot run as asked: device, engine, quick, thorough or tile do not go with this machine "
        "or with the model's kind of network."
    ),
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


WARNINGS: dict[str, Promise] = {
    "larger-than-measured": _(
        "The photo is %(side)s pixels long; the model was measured on pictures of %(measured_side)s pixels."
    ),
    "heavier-than-measured": _(
        "%(share)s of the photo is damaged. In the pictures that the model was measured on, it was at most "
        "%(measured_share)s."
    ),
    "unlike-measured": _(
        "%(share)s of the undamaged photo is pure black or white, as in print and drawings. The model was "
        "measured on photographs."
    ),
    "portraits-measured": _(
        "The photo was not taken for a portrait, and how well this model restores others has not been "
        "measured."
    ),
    "not-measured": _("How well this model restores damage of this level has not been measured."),
}
EXPECTED = _(
    "On measured pictures with damage of this level, nine of ten results had an SSIM from %(low)s to "
    "%(high)s."
)
"""For warnings that do not say which set of the benchmark they speak of; until 2026-11-23 none did."""
EXPECTED_OF_PORTRAITS = _(
    "The photo was taken for a portrait. On portraits with damage of this level, nine of ten results had an "
    "SSIM from %(low)s to %(high)s (benchmark on %(set)s, %(count)s results)."
)
EXPECTED_OF_PHOTOGRAPHS = _(
    "On photographs of all kinds with damage of this level, nine of ten results had an SSIM from %(low)s to "
    "%(high)s (benchmark on %(set)s, %(count)s results)."
)


def sentence(code: str, *, default: str = "") -> str:
    """The sentence for a code in the current language; `default` for a code that this app does not know."""
    return str(SENTENCES[code]) if code in SENTENCES else default


def warning_sentence(warning: Mapping[str, Any]) -> str:
    """What one of a restoration's warnings (`mlcore.inference.warnings_for`) says, and the SSIM to expect.

    The code itself where this version does not know it.
    """
    code = str(warning["code"])
    if code not in WARNINGS:
        return code
    shares = {name: f"{rounded(100 * value, 0)} %" for name, value in warning.items() if "share" in name}
    try:
        said = str(WARNINGS[code]) % {**warning, **shares}
    except KeyError:  # another version's warning, with other values
        return code
    low, high = warning.get("ssim_low"), warning.get("ssim_high")
    if low is None or high is None:
        return said
    expected = EXPECTED
    if warning.get("ssim_set"):
        expected = EXPECTED_OF_PORTRAITS if warning.get("ssim_portraits") else EXPECTED_OF_PHOTOGRAPHS
    values = {"count": warning.get("ssim_pictures"), "set": warning.get("ssim_set")}
    return f"{said} {expected % (values | {'low': rounded(low, 2), 'high': rounded(high, 2)})}"


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
