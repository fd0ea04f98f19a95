"""Run by `test_power_cuts` in an installation of its own: cuts the power at point after point of an ingest.

Every try begins with the same empty archive. It is a forked process that kills itself with SIGKILL at the
k-th thing that it does to the media folder or says to the database, for k = 1, 1 + STEP, ... until one gets
through. After each cut every row must have its file. Then happens what happens in life: leases run out, the
sweeps come, the sender tries again. All must have come in by that, once, and every file must have its row.

Arguments: KIND, one of WAYS, STEP, and the first k where that is not 1. Prints how many points there
were, and fails at the first broken promise.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from archive.bags.contents import Purpose  # noqa: E402
from archive.events.verification import verify_chain  # noqa: E402
from archive.files.holdings import HELD_AREAS, holdings  # noqa: E402
from archive.files.storage import incoming_folder, sha256_of  # noqa: E402
from archive.models import Collection, ImportRun, Photo, Upload  # noqa: E402
from archive.models.ingest import uploads_folder  # noqa: E402
from archive.queue.ingest_tasks import continue_import, sweep_ingest  # noqa: E402
from archive.services import (  # noqa: E402
    begin_upload,
    create_collection,
    export_bag,
    extend_upload,
    finish_upload,
    ingest_photo,
    sweep_leftovers,
    sweep_uploads,
    upload_zip,
)
from restoration.models import Restoration  # noqa: E402
from tests import pictures  # noqa: E402
from tests.archive.bag_contents import make_fonds  # noqa: E402
from tests.archive.zips import zipped  # noqa: E402
from tests.factories import make_upload  # noqa: E402
from tests.stored import area_folder, path_of  # noqa: E402

LONG = timedelta(days=3)
ONE, TWO = (pictures.png(pictures.gradient(width, 48)) for width in (64, 65))


@dataclass(frozen=True)
class Way:
    """A way in. `send`: what is cut. `send_again`: what its sender does who got no answer, where that is
    something else. Then there must be so many photos and restorations.
    """

    send: Callable[[], None]
    send_again: Callable[[], None] | None = None
    photos: int = 1
    restorations: int = 0


def send_photo() -> None:
    collection = Collection.objects.get()
    ingest_photo(
        collection=collection, uploaded_by=collection.owner, file=io.BytesIO(ONE), filename="one.png"
    )


def send_photo_again() -> None:
    if not Photo.objects.exists():
        send_photo()


def send_in_parts() -> None:
    collection = Collection.objects.get()
    _send_rest(
        begin_upload(collection=collection, uploaded_by=collection.owner, filename="one.png", length=len(ONE))
    )


def go_on_in_parts() -> None:
    upload = Upload.objects.first()
    if upload is None:
        send_in_parts()
    elif upload.state == Upload.State.ARRIVING:
        assert upload.part_path.read_bytes()[: upload.offset] == ONE[: upload.offset]
        _send_rest(upload)


def _send_rest(upload: Upload) -> None:
    while not upload.is_whole:
        part = ONE[upload.offset : upload.offset + len(ONE) // 3 + 1]
        upload.offset = extend_upload(upload=upload, offset=upload.offset, content=part)
    assert finish_upload(upload=upload).state == Upload.State.DONE


def send_zip() -> None:
    collection = Collection.objects.get()
    content = zipped({"one.png": ONE, "folder/two.png": TWO})
    _take_in(content, collection.owner, collection)


def send_bag() -> None:
    _take_in(BAG.read_bytes(), User.objects.get(username="curator"), None)


def _take_in(content: bytes, sender: User, collection: Collection | None) -> None:
    upload = upload_zip(
        collection=collection,
        uploaded_by=sender,
        file=make_upload(content),
        filename="album.zip",
        as_bag=collection is None,
    )
    assert continue_import(str(upload.import_run_id)) == "done"


def send_bag_again() -> None:
    if not ImportRun.objects.exists():
        send_bag()


BAG = Path(settings.MEDIA_ROOT).with_name("bag.zip")
WAYS = {
    "photo": Way(send_photo, send_photo_again),
    "parts": Way(send_in_parts, go_on_in_parts),
    "zip": Way(send_zip, photos=2),
    "bag": Way(send_bag, send_bag_again, photos=3, restorations=2),
}


def pack_bag() -> None:
    """A bag of three photos and two approved restorations, at BAG."""
    bag = export_bag(collection=make_fonds(), actor=None, purpose=Purpose.KEEPING)
    with tempfile.TemporaryDirectory() as name:
        bag.write_to(Path(name) / "bag")
        bag.close()
        with ZipFile(BAG, "w") as packed:
            for path in sorted(Path(name).rglob("*")):
                packed.write(path, path.relative_to(name))


class Beginning:
    """The archive as it is now, to be brought back: database and files."""

    def __init__(self) -> None:
        connection.close()
        self._path = Path(connection.settings_dict["NAME"])
        self._content = self._path.read_bytes()

    def bring_back(self) -> None:
        connection.close()
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._path.write_bytes(self._content)
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


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


def survives(send: Callable[[], None], steps: int) -> bool:
    """Whether it comes to its end, with a cut after so many steps."""
    connection.close()
    child = os.fork()
    if child == 0:
        cut_after(steps)
        send()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.waitstatus_to_exitcode(status) == 0, f"another end at step {steps}"
    return True


def time_passes() -> None:
    """Leases run out, the sweeps come, and the queue hands out what they send."""
    long_ago = timezone.now() - LONG
    Upload.objects.exclude(lease_expires_at=None).update(lease_expires_at=long_ago)
    ImportRun.objects.update(enqueued_at=long_ago)
    ImportRun.objects.exclude(lease_expires_at=None).update(lease_expires_at=long_ago)
    sweep_ingest()
    for run in ImportRun.objects.active():
        assert continue_import(str(run.pk)) == "done"


def check_rows() -> int:
    """Every row has its file; how many files have no row."""
    named = {path_of(holding.file): holding.sha256 for holding in holdings()}
    for path, sha256 in named.items():
        assert sha256_of(path) == sha256, f"a row without its file: {path}"
    return len(lying() - named.keys())


def lying() -> set[Path]:
    return {path for area in HELD_AREAS for path in area_folder(area).rglob("*") if path.is_file()}


def check_all(way: Way) -> None:
    """All is here, once; nothing else is left anywhere."""
    sweep_leftovers(now=timezone.now() + LONG)
    sweep_uploads(now=timezone.now() + LONG)
    assert check_rows() == 0, "files without a row"
    left = [*uploads_folder().iterdir(), *(path for path in incoming_folder().iterdir())]
    assert left == [uploads_folder()], f"left behind: {left}"
    assert (Photo.objects.count(), Restoration.objects.count()) == (way.photos, way.restorations)
    runs = list(ImportRun.objects.values_list("state", "error_code"))
    assert set(runs) <= {("done", "")}, runs
    assert list(verify_chain()) == []


def main(kind: str, step: int, steps: int = 1) -> None:
    way = WAYS[kind]
    owner = User.objects.create_user("curator")
    beginning = Beginning()
    if kind == "bag":
        pack_bag()
        beginning.bring_back()
    else:
        create_collection(owner=owner, title="Cut", auto_restore=False)
        beginning = Beginning()
    strays, cuts = 0, 0
    while True:
        beginning.bring_back()
        done = survives(way.send, steps)
        strays += check_rows()
        time_passes()
        if not done:
            (way.send_again or way.send)()
        check_all(way)
        if done:
            break
        cuts, steps = cuts + 1, steps + step
    sys.stdout.write(f"cut at {cuts} points up to {steps}, {strays} files had no row")


main(sys.argv[1], *map(int, sys.argv[2:]))
