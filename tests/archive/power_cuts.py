"""Run by `test_leftovers` in an installation of its own: cuts the power at point after point of an ingest.

Every try is a forked process that kills itself with SIGKILL at the k-th thing that it does to the media
folder or says to the database, for k = 1, 1 + STEP, ... until one gets through. After each cut every row must
have its file; then what is left is swept, and every file must have its row.

Arguments: STEP. Prints how many points there were, and fails at the first broken promise.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from archive.files.holdings import HELD_AREAS, holdings  # noqa: E402
from archive.files.storage import incoming_folder, sha256_of  # noqa: E402
from archive.models import Collection, Photo  # noqa: E402
from archive.services import create_collection, ingest_photo, sweep_leftovers  # noqa: E402
from tests import pictures  # noqa: E402
from tests.stored import area_folder, path_of  # noqa: E402


def ingest(collection: Collection, number: int) -> None:
    content = pictures.png(pictures.gradient(64 + number, 48))
    file = io.BytesIO(content)
    ingest_photo(
        collection=collection,
        uploaded_by=collection.owner,
        file=file,
        filename=f"{number}.png",
    )


def cut_after(steps: int) -> None:
    """From now on, end this process at its n-th step."""
    root = str(Path(settings.MEDIA_ROOT).absolute())
    left = steps

    def step(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(("open", "os.", "shutil.", "tempfile.")) and any(
            str(each).startswith(root) for each in arguments
        ):
            step()

    connection.ensure_connection()
    connection.connection.set_trace_callback(step)  # BEGIN and COMMIT too
    sys.addaudithook(hear)


def survives(collection: Collection, number: int, steps: int) -> bool:
    """Whether an ingest with a cut after so many steps comes to its end."""
    connection.close()
    child = os.fork()
    if child == 0:
        cut_after(steps)
        ingest(collection, number)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.waitstatus_to_exitcode(status) == 0, f"another end at step {steps}"
    return True


def check_rows() -> None:
    for holding in holdings():
        assert sha256_of(path_of(holding.file)) == holding.sha256, f"a row without its file: {holding}"


def check_files() -> None:
    lying = {path for area in HELD_AREAS for path in area_folder(area).rglob("*") if path.is_file()}
    named = {path_of(holding.file) for holding in holdings()}
    assert lying == named, f"files without a row: {lying - named}"
    left = [path for path in incoming_folder().iterdir() if path.name != "uploads"]
    assert left == [], f"left behind: {left}"


def main(step: int) -> None:
    owner = User.objects.create_user("curator")
    collection = create_collection(owner=owner, title="Cut")
    strays, number, steps = 0, 0, 1
    while True:
        done = survives(collection, number, steps)
        check_rows()
        files = sum(1 for path in area_folder(HELD_AREAS[0]).rglob("*") if path.is_file())
        strays += files - len({path_of(holding.file) for holding in holdings()})
        sweep_leftovers(now=timezone.now() + timedelta(days=3))
        check_files()
        if done:
            break
        if not Photo.objects.filter(filename=f"{number}.png").exists():
            ingest(collection, number)
            check_rows()
        number, steps = number + 1, steps + step
    assert Photo.objects.count() == number + 1
    sys.stdout.write(f"cut at {number} points up to {steps}, {strays} files had no row")


main(int(sys.argv[1]))
