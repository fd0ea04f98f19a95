"""How an installation stands after accidents: what its rows say, compared with its files and its history.

For use within it: `manage.py shell -c "from benchmarks.standing import ..."`.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from archive.events.verification import verify_chain
from archive.files.holdings import HELD_AREAS, holdings
from archive.files.storage import incoming_folder, sha256_of
from archive.models import Event, Photo
from archive.queue.health import queue_health
from archive.services.leftovers import sweep_leftovers
from restoration.models import Restoration, Review
from tests.factories import make_collection, make_photo
from tests.stored import path_of

_PUT_ASIDE = "restoration:attempts:exhausted"
ENDS = ("restoration-done", "restoration-failed", "restoration-quarantined")


def prepare(*, title: str, photos: int, weights: str = "") -> None:
    """A collection of somebody's, that many tiny photos in it, and an untrained network at `weights`."""
    owner = User.objects.create_user("writer")
    collection = make_collection(owner=owner, title=title, auto_restore=False)
    for _ in range(photos):
        make_photo(collection=collection)
    if weights:
        from tests.restoration.conftest import save_untrained  # it loads torch

        save_untrained(Path(weights))


def swept() -> dict[str, int]:
    """Whatever those who were killed have left, removed as the hourly sweep does it when it is old enough.

    For when nobody is at work; how many files that were.
    """
    return {"swept": sweep_leftovers(now=timezone.now() + timedelta(days=3))}


def restorations() -> dict[str, Any]:
    """What became of all that were asked for."""
    ended = [event.details["restoration"] for event in Event.objects.filter(kind__in=ENDS)]
    rows = {str(row.pk): row for row in Restoration.objects.all()}
    return {
        "rows": len(rows),
        "moving": sum(row.is_active for row in rows.values()),
        "never ended": len(rows.keys() - set(ended)),
        "ended twice": len(ended) - len(set(ended)),
        "done": sum(row.status == Restoration.Status.DONE for row in rows.values()),
        "put aside": sum(row.error_code == _PUT_ASIDE for row in rows.values()),
        "unexpected failures": sorted({row.error_code for row in rows.values()} - {"", _PUT_ASIDE}),
        "attempts": dict(sorted(Counter(row.attempts for row in rows.values()).items())),
        "left in incoming": [str(path) for path in incoming_folder().rglob("*") if path.is_file()],
        "clusters": queue_health().clusters,
    }


def files() -> dict[str, int]:
    """Every file that rows name is read; how many are missing or other than they were, and how many no row
    names."""
    named = {path_of(each.file): each.sha256 for each in holdings()}
    wrong = [path for path, sha256 in named.items() if not path.is_file() or sha256_of(path) != sha256]
    areas = [settings.MEDIA_ROOT / area for area in HELD_AREAS]
    there = {path for area in areas for path in area.rglob("*") if path.is_file()}
    return {"files": len(named), "wrong": len(wrong), "strangers": len(there - named.keys())}


def history() -> dict[str, int]:
    """The chain of events, verified."""
    return {"events": Event.objects.count(), "faults in the history": len(list(verify_chain()))}


def promises(ledger: Path) -> dict[str, int]:
    """Of what clients were told, as JSON in the file: {"uploads": {photo's id: SHA-256}, "restorations":
    [id], "reviews": {restoration's id: decision}}. How much is not there, and how much is there twice: nobody
    sent a picture, or asked for a photo's restoration, on purpose more than once.
    """
    told = json.loads(ledger.read_text())
    photos = Photo.objects.values_list("pk", "original__sha256")
    there = {str(pk): sha256 for pk, sha256 in photos}
    copies = Counter(there.values())
    asked = {str(pk) for pk in Restoration.objects.values_list("pk", flat=True)}
    restored = Counter(Restoration.objects.values_list("photo", flat=True))
    decided = Counter(
        (str(restoration), decision)
        for restoration, decision in Review.objects.values_list("restoration", "decision")
    )
    decisions = [decided[item] for item in told["reviews"].items()]
    return {
        "uploads told": len(told["uploads"]),
        "uploads lost": sum(there.get(pk) != sha256 for pk, sha256 in told["uploads"].items()),
        "uploads doubled": sum(copies[sha256] > 1 for sha256 in told["uploads"].values()),
        "restorations told": len(told["restorations"]),
        "restorations lost": len(set(told["restorations"]) - asked),
        "restorations doubled": sum(times > 1 for times in restored.values()),
        "reviews told": len(decisions),
        "reviews lost": decisions.count(0),
        "reviews doubled": sum(times > 1 for times in decisions),
    }
