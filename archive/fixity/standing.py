"""How things stand with the files of a photo, a collection or the whole archive, as pages and API tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from archive.models import Collection, FixityFinding, FixityRun, Photo
from archive.querysets.keeping import FixityFindingQuerySet

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """`last`: the newest run that ended and read these files, `running`: one that goes on. `findings`: the
    newest of those that are open, `finding_count`: how many are open in all.
    """

    last: FixityRun | None
    running: FixityRun | None
    findings: list[FixityFinding]
    finding_count: int

    @property
    def days(self) -> int:
        """Within so many days every file has its turn."""
        days: int = settings.PULIH_FIXITY_DAYS
        return days


def standing_of_photo(photo: Photo) -> Standing:
    """Of the photo's original and all that its restorations keep. Needs `photo.original`."""
    read = FixityRun.objects.that_read(photo).order_by("-started_at")
    findings = FixityFinding.objects.about(Photo.objects.filter(pk=photo.pk))
    own = FixityRun.objects.under_way().filter(photo=photo)
    return _standing(read.first(), own.first(), findings)


def standing_of_collection(collection: Collection) -> Standing:
    """Of all files in the collection and below it; `last` is the last check of the collection itself."""
    runs = FixityRun.objects.over_collection(collection)
    within = Photo.objects.filter(collection__in=Collection.objects.within(collection))
    findings = FixityFinding.objects.about(within)
    return _standing(runs.filter(finished_at__isnull=False).first(), runs.under_way().first(), findings)


def standing_of_archive() -> Standing:
    """Of everything; `last` is the last check of the whole in one."""
    runs = FixityRun.objects.filter(scope=FixityRun.Scope.EVERYTHING)
    findings = FixityFinding.objects.all()
    return _standing(runs.filter(finished_at__isnull=False).first(), runs.under_way().first(), findings)


def shelves_read_lately() -> int:
    """How many of the 65,536 shelves a part of a night or a check of everything has read within the last
    PULIH_FIXITY_DAYS days: all of them, where the schedule keeps its promise.
    """
    since = timezone.now() - timedelta(days=settings.PULIH_FIXITY_DAYS + 1)
    scopes = (FixityRun.Scope.SLICE, FixityRun.Scope.EVERYTHING)
    runs = FixityRun.objects.filter(scope__in=scopes, started_at__gte=since)
    read, reached = 0, 0
    for first, end in sorted(runs.values_list("first_shelf", "next_shelf")):
        read += max(0, end - max(first, reached))
        reached = max(reached, end)
    return read


def counts_by_kind() -> dict[str, int]:
    """How many findings of each kind are open, of all kinds."""
    counted = FixityFinding.objects.still_open().order_by().values_list("kind").annotate(Count("pk"))
    return dict.fromkeys(FixityFinding.Kind.values, 0) | dict(counted)


def _standing(last: FixityRun | None, running: FixityRun | None, findings: FixityFindingQuerySet) -> Standing:
    still_open = findings.still_open().prefetch_related("photos")
    shown = list(still_open[: _SHOWN + 1])
    count = len(shown) if len(shown) <= _SHOWN else still_open.count()
    return Standing(last=last, running=running, findings=shown[:_SHOWN], finding_count=count)
