"""How long a table of descriptions takes in a large archive: looked through, then applied, as a worker does.

    python -m benchmarks.descriptions
    python -m benchmarks.descriptions --rows 5000 --photos 10000
    python -m benchmarks.descriptions --database postgres://pulih@127.0.0.1:5432/empty

Makes the database (by default in a folder that goes again; another has to be empty) and a CSV of as many
rows, each of which changes title, description and place of another photo. The peer is `describe_photo`,
called for one photo after the other. Says rows a second and their ratio. Fails when a row did not do what
it says.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import time
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

ALONE = 300
"""So many photos are described one by one."""


def main() -> None:
    asked = _arguments()
    if asked.database:
        os.environ["PULIH_TEST_DATABASE_URL"] = asked.database
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from archive.models import Photo
    from benchmarks.large_archive import make_archive

    archive = make_archive(photos=asked.photos, restorations=asked.photos)
    names = [f"scan_{number:06}.tif" for number in range(asked.rows)]
    alone = _one_by_one(archive, names[:ALONE])
    planned, applied = _table(archive, names)
    right = Photo.objects.filter(title__startswith="Described", place="Bogor", filename__in=names).count()
    print(
        f"{asked.rows} rows, {archive.photos} photos: "
        f"looked through in {planned:.0f} s, applied in {applied:.0f} s"
    )
    print(
        f"{asked.rows / applied:.0f} rows/s applied, {asked.rows / applied / alone:.1f} times as many as "
        f"describe_photo one by one ({alone:.0f}/s)"
    )
    if right != asked.rows:
        sys.exit(f"only {right} photos are described as the table says")


def _one_by_one(archive: Any, names: list[str]) -> float:
    """Photos a second."""
    from archive.models import Photo
    from archive.services import describe_photo

    photos = list(Photo.objects.filter(filename__in=names, uploaded_by=archive.owner))
    began = time.perf_counter()
    for photo in photos:
        describe_photo(
            photo=photo,
            actor=archive.owner,
            title=f"Alone {photo.filename}",
            description="By hand",
            place="Solo",
        )
    return len(photos) / (time.perf_counter() - began)


def _table(archive: Any, names: list[str]) -> tuple[float, float]:
    """Seconds of looking through and of applying."""
    from archive.models import MetadataImport
    from archive.services import apply_metadata, receive_metadata

    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["filename", "title", "description", "place"])
    table.writerows([name, f"Described {name}", f"What {name} shows", "Bogor"] for name in names)
    began = time.perf_counter()
    kept = receive_metadata(
        collection=archive.fonds,
        uploaded_by=archive.owner,
        content=text.getvalue().encode(),
        filename="table.csv",
    )
    _work_at(kept.pk)
    planned = time.perf_counter() - began
    kept.refresh_from_db()
    if kept.state != MetadataImport.State.PLANNED or kept.rows_changed != len(names):
        sys.exit(f"looked through: {kept.state} {kept.error_code}, {kept.rows_changed} would change")
    began = time.perf_counter()
    apply_metadata(metadata_import=kept, actor=archive.owner)
    _work_at(kept.pk)
    return planned, time.perf_counter() - began


def _work_at(import_id: Any) -> None:
    """Do what a worker does, turn after turn."""
    from archive.models import MetadataImport
    from archive.queue.description_tasks import continue_metadata

    while MetadataImport.objects.active().filter(pk=import_id).exists():
        continue_metadata(str(import_id))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", default="", help="address of an empty database; else SQLite, for the while"
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--photos", type=int, default=100_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
