"""The versions of a photo: all its restorations, none of which replaces another."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from archive.models import Photo
from restoration.models import Restoration
from restoration.querysets import LONG_TEXTS

FULL_STRENGTH = 100  # per cent


@dataclass(frozen=True, slots=True)
class Version:
    """A restoration among those of its photo; `number` counts from 1, the first that was asked for."""

    number: int
    restoration: Restoration


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a photo, newest first, and the one that a page shows (None while there is none)."""

    all: list[Version]
    shown: Version | None

    @property
    def newest(self) -> Version | None:
        """The one that the gallery speaks of."""
        return self.all[0] if self.all else None

    @property
    def active(self) -> Restoration | None:
        """The one that a worker has or will have; there is at most one."""
        return next((each.restoration for each in self.all if each.restoration.is_active), None)

    @property
    def strongest(self) -> Restoration | None:
        """Of the finished versions with the shown one's repair, that with the greatest strength.

        Blended with the original, its picture foretells every lesser strength. None where no repair was kept.
        """
        repair = self.shown.restoration.repair_sha256 if self.shown else ""
        done = [
            each.restoration
            for each in self.all
            if repair and each.restoration.repair_sha256 == repair and each.restoration.is_reviewable
        ]
        return max(done, key=lambda restoration: restoration.strength, default=None)


def asked_for(restoration: Restoration) -> str:
    """With what a version was made, or will be: "pulih-faces 2 · 60 % · by hand"."""
    model = restoration.model_version or restoration.wanted_model
    parts = [str(model) if model else _("the default model")]
    if restoration.strength < FULL_STRENGTH:
        parts.append(f"{restoration.strength} %")
    if restoration.hand_sha256:
        parts.append(_("marked by hand"))
    if ran_quickly(restoration):
        parts.append(_("quick"))
    if restoration.thorough:
        parts.append(_("thorough"))
    return " · ".join(parts)


def ran_quickly(restoration: Restoration) -> bool:
    """In 8 bits. Until a worker says what it did, as asked: not everywhere there is a quick way."""
    return bool(restoration.parameters.get("quick", restoration.quick))


def versions_of(photo: Photo, *, wanted: str | None = None) -> Versions:
    """The photo's versions in one query; the shown one is that with the id `wanted`, else the newest."""
    restorations = list(
        Restoration.objects.filter(photo=photo)
        .select_related("model_version", "wanted_model", "requested_by")
        .defer(*(f"{model}__{text}" for model in ("model_version", "wanted_model") for text in LONG_TEXTS))
        .order_by("-requested_at", "-id")
    )
    for restoration in restorations:
        restoration.photo = photo
    numbered = [
        Version(number=len(restorations) - index, restoration=each) for index, each in enumerate(restorations)
    ]
    chosen = next((each for each in numbered if str(each.restoration.pk) == wanted), None)
    return Versions(all=numbered, shown=chosen or (numbered[0] if numbered else None))
