"""Results of restorations, for IIIF."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from archive.access.visitors import Guest, Visitor
from archive.iiif.language_maps import Words
from archive.iiif.pictures import ServedPicture
from archive.models import Photo
from restoration.models import Restoration
from restoration.querysets import LONG_TEXTS, RestorationQuerySet
from restoration.running.stored_files import result_file

_NOTICE = _(
    "Restored by AI: a program repaired damage in this photograph and invented what it could not see. "
    "The original is kept unchanged."
)
_MOST_VERSIONS = 12


class RestoredPictures:
    """A member chooses among all finished versions that were not rejected, newest first; a guest is shown the
    newest approved one, as on the pages.
    """

    kind = "restored"

    def of_photo(self, visitor: Visitor, photo: Photo) -> Iterable[ServedPicture]:
        most = 1 if isinstance(visitor, Guest) else _MOST_VERSIONS
        finished = _finished(Restoration.objects.visible_to(visitor)).filter(photo=photo)
        kept = finished.exclude(review_state=Restoration.ReviewState.REJECTED)
        return [_picture(each) for each in kept.order_by("-requested_at", "-id")[:most]]

    def find(self, visitor: Visitor, key: UUID, *, in_full: bool) -> ServedPicture | None:
        restorations = Restoration.objects
        allowed = restorations.downloadable_by(visitor) if in_full else restorations.visible_to(visitor)
        restoration = _finished(allowed).filter(pk=key).first()
        return _picture(restoration) if restoration else None


def _finished(restorations: RestorationQuerySet) -> RestorationQuerySet:
    done = restorations.filter(status=Restoration.Status.DONE)
    return done.select_related("model_version").defer(*(f"model_version__{text}" for text in LONG_TEXTS))


def _picture(restoration: Restoration) -> ServedPicture:
    is_approved = restoration.review_state == Restoration.ReviewState.APPROVED
    when = f"{restoration.finished_at:%Y-%m-%d}" if restoration.finished_at else ""
    state: Words = "" if is_approved else restoration.ReviewState(restoration.review_state).label
    label = _("Restored by AI")
    version: list[Words] = [each for each in (when, state) if each]
    return ServedPicture(
        kind=RestoredPictures.kind,
        key=restoration.pk,
        source=result_file(restoration),
        width=restoration.result_width or 1,
        height=restoration.result_height or 1,
        label=format_lazy("{} ({})", label, format_lazy(", ".join("{}" for _each in version), *version))
        if version
        else label,
        facts=((label, _made_by(restoration, when)),),
        notice=_NOTICE,
    )


def _made_by(restoration: Restoration, when: str) -> Words:
    made_by = [str(restoration.model_version or ""), restoration.code_version, when]
    return ", ".join(each for each in made_by if each)
