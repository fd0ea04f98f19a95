"""What becomes of a decoder that breaks, hangs or grows; and of one whose parent goes."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from archive.errors import InputError
from archive.files.renditions import draft_renditions
from archive.formats.apart import DecoderStopped, decode_apart, decoder, pool
from archive.formats.apart.decoder import Decoder, DecoderBug
from archive.formats.decoders import have_decoded
from archive.formats.sniffing import sniff_image
from tests import pictures
from tests.processes import ROOT, wait_until

LIMITS = {"most_pixels": 1_000_000, "most_bytes": 50 * 2**20}

# A decoder with works that no library would do, and one second instead of ten.
EVIL = """
import os, time
from archive.formats.apart import child

def spin(values):
    while True:
        pass

child._SECONDS = 1
child.WORKS.update(
    spin=spin,
    sleep=lambda values: time.sleep(3600),
    die=lambda values: os.abort(),
    eat=lambda values: len(bytearray(values["bytes"])),
    environment=lambda values: dict(os.environ),
    limits=lambda values: child.resource.getrlimit(child.resource.RLIMIT_CORE),
    bug=lambda values: 1 / 0,
    gone=lambda values: open("/no/such/file"),
)
child.main()
"""


@pytest.fixture
def evil():
    made = Decoder("-c", EVIL)
    yield made
    made.end()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(pictures.png())
    return path


def is_running(pid: int) -> bool:
    """Whether the process is there, and no mere entry that its parent has not read yet."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class TestLimits:
    def test_endless_work_is_ended_by_its_processor_time(self, evil: Decoder) -> None:
        started = time.monotonic()
        with pytest.raises(DecoderStopped, match="more time"):
            evil.ask("spin", LIMITS)
        assert time.monotonic() - started < 60
        assert not is_running(evil.pid)

    def test_work_that_only_waits_is_ended_by_the_clock(
        self, evil: Decoder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert evil.ask("eat", LIMITS | {"bytes": 1}) == 1
        monkeypatch.setattr(decoder, "PATIENCE", 0.2)
        with pytest.raises(DecoderStopped, match="no answer"):
            evil.ask("sleep", LIMITS)

    def test_memory_is_limited_and_the_next_file_has_all_of_it_again(self, evil: Decoder) -> None:
        for _time in range(2):
            assert evil.ask("eat", LIMITS | {"bytes": 200 * 2**20}) == 200 * 2**20
            with pytest.raises(DecoderStopped, match="more memory"):
                evil.ask("eat", LIMITS | {"bytes": 1000 * 2**20})

    def test_a_crash_is_told_from_an_error(self, evil: Decoder) -> None:
        with pytest.raises(FileNotFoundError):
            evil.ask("gone", LIMITS)
        with pytest.raises(DecoderBug, match="ZeroDivisionError"):
            evil.ask("bug", LIMITS)
        with pytest.raises(DecoderStopped, match="-6"):
            evil.ask("die", LIMITS)

    def test_it_knows_no_secret_and_leaves_no_image_of_its_memory(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PULIH_SECRET_KEY", "secret")
        monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/name")
        made = Decoder("-c", EVIL)
        try:
            assert "secret" not in str(made.ask("environment", LIMITS))
            assert made.ask("limits", LIMITS) == [0, 0]
        finally:
            made.end()


@pytest.fixture
def own_pool(monkeypatch: pytest.MonkeyPatch):
    """A pool of one decoder, so that a test knows which one is asked."""
    monkeypatch.setattr(pool, "AT_ONCE", 1)
    made = pool.Pool()
    monkeypatch.setattr(pool, "shared", made)
    yield made
    for each in list(made.decoders):
        made.end(each)


def pid_of(made: Any) -> int:
    (only,) = made.decoders
    return int(only.pid)


class TestPool:
    def test_one_process_decodes_file_after_file(self, own_pool: Any, picture: Path) -> None:
        assert sniff_image(picture).width == 64
        pid = pid_of(own_pool)
        with draft_renditions(picture) as drafts:
            assert len(drafts) == 2
        assert pid_of(own_pool) == pid

    def test_after_a_crash_there_is_another(
        self, own_pool: Any, picture: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(pool, "Decoder", lambda: Decoder("-c", EVIL))
            with pytest.raises(InputError) as refused:
                have_decoded("die", picture)
        assert refused.value.code == "archive:file:decoder-stopped"
        assert sniff_image(picture).width == 64

    def test_one_that_was_killed_while_it_waited_costs_nobody_anything(
        self, own_pool: Any, picture: Path
    ) -> None:
        sniff_image(picture)
        first = pid_of(own_pool)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not is_running(first), seconds=10, what="the end of the decoder")
        assert sniff_image(picture).width == 64

    def test_nor_does_one_that_does_not_look_dead_yet(
        self, own_pool: Any, picture: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sniff_image(picture)
        os.kill(pid_of(own_pool), signal.SIGKILL)
        monkeypatch.setattr(Decoder, "is_alive", True)
        assert sniff_image(picture).width == 64

    def test_a_task_that_is_broken_off_leaves_no_work_behind(self, own_pool: Any, picture: Path) -> None:
        """django-q2 ends a task that takes too long by raising SystemExit in the middle of it."""
        sniff_image(picture)
        first = pid_of(own_pool)
        os.kill(first, signal.SIGSTOP)

        def end(number: int, frame: object) -> None:
            raise SystemExit

        before = signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            with pytest.raises(SystemExit):
                sniff_image(picture)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert not is_running(first)
        assert sniff_image(picture).width == 64

    def test_threads_take_turns(self, own_pool: Any, picture: Path) -> None:
        widths: list[int] = []
        threads = [
            threading.Thread(target=lambda: widths.append(sniff_image(picture).width)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert widths == [64] * 8
        assert len(own_pool.decoders) == 1

    def test_a_forked_worker_gets_its_own(self, own_pool: Any, picture: Path) -> None:
        sniff_image(picture)
        first = pid_of(own_pool)
        reading, writing = os.pipe()
        worker = os.fork()
        if worker == 0:
            # Whatever happens here must not go on in the copy of this test.
            try:
                width = sniff_image(picture).width
                os.write(writing, f"{width} {pid_of(pool.shared)}".encode())
            finally:
                os._exit(0)
        os.close(writing)
        os.waitpid(worker, 0)
        width, second = os.read(reading, 100).split()
        os.close(reading)
        assert (width, int(second) != first) == (b"64", True)
        wait_until(lambda: not is_running(int(second)), seconds=10, what="the end of the worker's decoder")
        assert (sniff_image(picture).width, pid_of(own_pool)) == (64, first)

    def test_what_is_missing_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            sniff_image(tmp_path / "gone")
        values: dict[str, Any] = {"path": str(tmp_path / "gone"), "folder": str(tmp_path), "page": 1}
        with pytest.raises(FileNotFoundError):
            decode_apart("small_copies", **values, long_sides={"web": 10}, **LIMITS)


@pytest.mark.parametrize("work", ["eat", "spin", "sleep"])
def test_no_decoder_outlives_its_parent(work: str) -> None:
    """Killed, it has no time to say good-bye; what the decoder is busy with makes no difference."""
    script = (
        "import sys, threading, time\n"
        "from archive.formats.apart.decoder import Decoder\n"
        "made = Decoder('-c', sys.argv[1])\n"
        f"made.ask('eat', {LIMITS | {'bytes': 1}})\n"
        "print(made.pid, flush=True)\n"
        f"made.ask({work!r}, {LIMITS | {'bytes': 1}})\n"
        "time.sleep(3600)\n"
    )
    # The limit on processor time would end it, too.
    lasting = EVIL.replace("child._SECONDS = 1", "child._SECONDS = 300")
    parent = subprocess.Popen(
        [sys.executable, "-c", script, lasting], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.2)
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_running(pid), seconds=10, what="the end of the decoder")


def test_neither_the_web_process_nor_the_decoder_loads_what_the_other_needs(picture: Path) -> None:
    script = (
        "import sys, django; django.setup()\n"
        "from pathlib import Path\n"
        "from archive.formats.sniffing import sniff_image\n"
        "from archive.files.renditions import draft_renditions\n"
        "sniff_image(Path(sys.argv[1]))\n"
        "print(sorted({'pyvips', 'tifffile', 'imagecodecs', 'torch'} & set(sys.modules)))\n"
        "import subprocess\n"
        "code = 'import sys; import archive.formats.apart.child;'\n"
        'code += \'print(sorted({"django", "torch", "archive.models"} & set(sys.modules)))\'\n'
        "subprocess.run([sys.executable, '-c', code], check=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", script, str(picture)],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split("\n")[:2] == ["[]", "[]"], done.stderr


@pytest.mark.django_db
def test_an_upload_that_breaks_its_decoder_is_refused_and_leaves_nothing(
    client: Any, monkeypatch: pytest.MonkeyPatch, media_root: Path, admin_user: User
) -> None:
    from archive.models import Original, Photo
    from archive.services import ingest_photo
    from tests.factories import make_collection

    def stop(work: str, **values: Any) -> Any:
        if work == "small_copies":
            raise DecoderStopped("it ended with -11")
        return decode_apart(work, **values)

    monkeypatch.setattr("archive.formats.decoders.decode_apart", stop)
    collection = make_collection(owner=admin_user)
    with pytest.raises(InputError) as refused:
        ingest_photo(
            collection=collection,
            uploaded_by=admin_user,
            file=io.BytesIO(pictures.png()),
            filename="a.png",
        )
    assert refused.value.code == "archive:file:decoder-stopped"
    assert (Photo.objects.count(), Original.objects.count()) == (0, 0)
    assert [path for path in media_root.rglob("*") if path.is_file()] == []
