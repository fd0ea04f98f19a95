"""What is known of an original and of its restoration, as terms and values for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from archive.models import Photo
from restoration.models import Restoration
from restoration.presentation.numbers import rounded
from restoration.presentation.versions import ran_quickly
from restoration.running.stored_files import TIFF

Fact = tuple[str, str]


def facts_about(photo: Photo, restoration: Restoration | None) -> list[Fact]:
    """Terms and values of all that is known. Needs `photo.original` and `restoration.model_version`."""
    facts = [*_original_facts(photo)]
    if restoration is not None:
        facts += [*_run_facts(restoration)]
        if restoration.is_reviewable:
            facts += [*_result_facts(restoration), *_change_facts(restoration.change_report)]
    return [(term, value) for term, value in facts if value]


def flat(parameters: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values of a run's parameters; what stands in a group is called "group name"."""
    for name, value in parameters.items():
        if isinstance(value, dict):
            yield from ((f"{name} {inner}", each) for inner, each in flat(value))
        else:
            yield name, value


def _original_facts(photo: Photo) -> Iterator[Fact]:
    original = photo.original
    yield _("File name"), photo.filename
    yield _("Uploaded"), f"{_moment(photo.created_at)}, {photo.uploaded_by.get_username()}"
    yield _("Original"), _file(original.media_type, original.width, original.height, original.byte_size)
    yield _("SHA-256 of the original"), original.sha256


def _run_facts(restoration: Restoration) -> Iterator[Fact]:
    model = restoration.model_version
    yield _("Strength"), f"{restoration.strength} %"
    yield _("Quick"), _("yes") if ran_quickly(restoration) else ""
    yield _("Thorough"), _("yes") if restoration.thorough else ""
    yield _("SHA-256 of the hand's mask"), restoration.hand_sha256
    yield _("Blended again from"), str(restoration.based_on_id or "")
    yield _("Model"), str(model) if model else ""
    yield _("SHA-256 of the weights"), model.weights_sha256 if model else ""
    yield _("Code version"), restoration.code_version
    yield _("Parameters"), ", ".join(f"{name}: {value}" for name, value in flat(restoration.parameters))
    yield _("Seed"), str(restoration.seed)
    yield _("Attempts"), str(restoration.attempts or "")
    if restoration.started_at and restoration.finished_at:
        seconds = (restoration.finished_at - restoration.started_at).total_seconds()
        yield _("Restored"), _moment(restoration.finished_at)
        yield _("Duration"), _("%(seconds)s s") % {"seconds": rounded(seconds, 1)}
    if restoration.peak_memory_bytes:
        yield _("Peak memory"), filesizeformat(restoration.peak_memory_bytes)


def _result_facts(restoration: Restoration) -> Iterator[Fact]:
    yield (
        _("Result"),
        _file(
            restoration.result_media_type,
            restoration.result_width,
            restoration.result_height,
            restoration.result_byte_size,
        ),
    )
    yield _("SHA-256 of the result"), restoration.result_sha256
    if restoration.repair_byte_size:
        yield _("Repair layer"), f"{TIFF}, {filesizeformat(restoration.repair_byte_size)}"
    yield _("SHA-256 of the repair"), restoration.repair_sha256
    if restoration.invention is not None:
        yield _("Invention"), _levels(restoration.invention)


def _change_facts(report: dict[str, Any]) -> Iterator[Fact]:
    """The change report of mlcore: a share from 0 to 1, and differences from 0 to 255."""
    if report:
        yield _("Pixels changed"), f"{rounded(100 * report['share_changed'], 1)} %"
        yield _("Mean change"), _levels(report["mean_change"])
        yield _("Greatest change"), _levels(report["max_change"])


def _levels(value: float) -> str:
    return _("%(value)s of 255") % {"value": _plainly(value)}


def _plainly(value: float) -> str:
    """With as many decimals as say something, at most two."""
    return rounded(value, 2).rstrip("0").rstrip(formats.get_format("DECIMAL_SEPARATOR"))


def _file(media_type: str, width: int | None, height: int | None, byte_size: int | None) -> str:
    return _("%(media_type)s, %(width)s by %(height)s pixels, %(size)s") % {
        "media_type": media_type,
        "width": width,
        "height": height,
        "size": filesizeformat(byte_size or 0),
    }


def _moment(moment: Any) -> str:
    return f"{formats.date_format(timezone.localtime(moment), 'DATETIME_FORMAT')} UTC"
