"""ZIPs, honest and hostile: what is good in them comes in, and nothing is ever written where they say."""

import io
import stat
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from pytest_django import Settings

from archive.errors import InputError
from archive.importing.running import continue_zip_import
from archive.importing.zips import declared_entries, open_zip
from archive.models import Collection, ImportItem, ImportRun, Photo, Upload
from archive.querysets.imports import LONGEST_QUEUE
from archive.queue.ingest_tasks import continue_import, sweep_ingest
from archive.services import claim_import, upload_zip
from archive.services.imports import MAX_ATTEMPTS
from restoration.models import Restoration
from tests import pictures
from tests.archive.zips import changed, many_entries, overlapping_zip, zip_of_kind, zipped
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db

ONE = pictures.png(pictures.portrait(seed=1))
TWO = pictures.jpeg(pictures.portrait(seed=2))


@pytest.fixture
def curator() -> User:
    return make_user()


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator)


def arrive(collection: Collection, content: bytes) -> ImportRun:
    """A ZIP that has been uploaded; its import waits."""
    file = SimpleUploadedFile("album.zip", content)
    upload = upload_zip(collection=collection, uploaded_by=collection.owner, file=file, filename="album.zip")
    assert upload.import_run is not None
    return upload.import_run


def imported(collection: Collection, content: bytes) -> ImportRun:
    """A ZIP that has been uploaded and gone through."""
    run = arrive(collection, content)
    assert continue_import(str(run.pk)) == "done"
    return ImportRun.objects.with_counts().get(pk=run.pk)


def codes(run: ImportRun) -> dict[str, str]:
    return dict(run.items.values_list("path", "code"))


def test_pictures_come_in_with_their_folders(collection: Collection, media_root: Path) -> None:
    run = imported(
        collection,
        zipped(
            {
                "Album/one.png": ONE,
                "Album/Page 2/two.jpg": TWO,
                "Album/": b"",
                "Album/notes.txt": b"1931",
                "Album/scan.jpg": b"no picture",
                "Album/.DS_Store": b"x",
                "__MACOSX/Album/._one.png": b"x",
            }
        ),
    )
    assert (run.state, run.total) == ("done", 4)
    assert (run.taken, run.present, run.refused, run.passed_over) == (2, 0, 1, 1)
    assert dict(Photo.objects.values_list("filename", "folder")) == {
        "one.png": "Album",
        "two.jpg": "Album/Page 2",
    }
    assert Restoration.objects.filter(requested_by=collection.owner).count() == 2
    # The ZIP itself goes with the end of its import.
    assert list((media_root / "incoming" / "uploads").iterdir()) == []


def test_what_is_there_already_is_said_so(collection: Collection) -> None:
    photo = make_photo(collection=collection, content=ONE)
    run = imported(collection, zipped({"a.png": ONE, "b.jpg": TWO, "c.jpg": TWO}))
    assert (run.taken, run.present) == (1, 2)
    assert ImportItem.objects.get(path="a.png").photo == photo


HOSTILE = {
    "traversal": (zipped({"../../evil.png": ONE}), "archive:zip:unsafe-path"),
    "traversal inside": (zipped({"a/../../evil.png": ONE}), "archive:zip:unsafe-path"),
    "absolute": (zipped({"/etc/evil.png": ONE}), "archive:zip:unsafe-path"),
    "drive": (zipped({"C:\\evil.png": ONE}), "archive:zip:unsafe-path"),
    "backslash": (zipped({"..\\..\\evil.png": ONE}), "archive:zip:unsafe-path"),
    "symlink": (zip_of_kind(stat.S_IFLNK | 0o777), "archive:zip:no-file"),
    "device": (zip_of_kind(stat.S_IFBLK | 0o666), "archive:zip:no-file"),
    "pipe": (zip_of_kind(stat.S_IFIFO | 0o666), "archive:zip:no-file"),
    "encrypted": (changed(zipped({"a.png": ONE}), flags=1), "archive:zip:encrypted"),
    "nested": (zipped({"inner.zip": zipped({"a.png": ONE})}), "archive:zip:nested"),
    "lzma": (zipped({"a.png": ONE}, zipfile.ZIP_LZMA), "archive:zip:compression"),
    "claims less": (changed(zipped({"a.png": ONE}), size=100), "archive:zip:damaged"),
    "claims more": (changed(zipped({"a.png": ONE}), size=len(ONE) + 9), "archive:zip:damaged"),
    "broken inside": (
        (good := zipped({"a.png": ONE}))[:200] + bytes(50) + good[250:],
        "archive:zip:damaged",
    ),
    "nested by content": (zipped({"a.png": zipped({"b.png": ONE})}), "archive:file:kind-not-accepted"),
}


@pytest.mark.parametrize(("content", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_entry_is_refused_and_the_next_one_taken(
    collection: Collection, media_root: Path, content: bytes, code: str
) -> None:
    before = {path for path in media_root.parent.rglob("*") if media_root not in path.parents}
    run = imported(collection, content)
    assert list(codes(run).values()) == [code]
    assert (run.state, run.refused, Photo.objects.count()) == ("done", 1, 0)
    # Nothing is written outside, and inside only what the archive itself names.
    assert {path for path in media_root.parent.rglob("*") if media_root not in path.parents} == before | {
        media_root
    }
    assert not any("evil" in path.name for path in media_root.rglob("*"))


def test_backslashes_of_old_windows_programs_are_folders(collection: Collection) -> None:
    imported(collection, zipped({"Album\\one.png": ONE}))
    photo = Photo.objects.get()
    assert (photo.folder, photo.filename) == ("Album", "one.png")


def test_the_second_of_two_files_of_one_name_is_refused(collection: Collection) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = two_of_one_name()
    run = imported(collection, content)
    assert codes(run) == {"a.png": "", "a.png [2]": "archive:zip:twice"}
    assert Photo.objects.get().original.byte_size == len(ONE)


def two_of_one_name() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.png", ONE)
        archive.writestr("a.png", TWO)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"PK\3\4 no more", b"", b"no zip", zipped({"a.png": ONE})[:-30]])
def test_what_is_no_zip_is_refused_at_once(collection: Collection, content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        arrive(collection, content)
    assert refused.value.code in {"archive:zip:not-a-zip", "archive:file:empty"}
    assert not ImportRun.objects.exists()


def test_overlapping_entries_refuse_the_whole(collection: Collection) -> None:
    run = imported(collection, overlapping_zip(bytes(1_000_000), 1000))
    assert (run.state, run.error_code) == ("failed", "archive:zip:overlapping")
    assert not run.items.exists()


def test_more_entries_than_allowed(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "many.zip"
    settings.PULIH_MAX_ZIP_ENTRIES = 70_000  # past what the old format can count
    many_entries(path, 70_001)
    with pytest.raises(InputError) as refused:
        declared_entries(path)
    assert refused.value.code == "archive:zip:too-many-entries"
    settings.PULIH_MAX_ZIP_ENTRIES = 70_001
    with open_zip(path) as opened:
        assert len(opened.entries) == 70_001


def test_an_end_that_lies_about_the_number_does_not_help(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "lies.zip"
    many_entries(path, 300)
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\5\6")
    content[end + 8 : end + 12] = b"\1\0\1\0"
    path.write_bytes(content)
    settings.PULIH_MAX_ZIP_ENTRIES = 299
    with pytest.raises(InputError) as refused, open_zip(path):
        pass
    assert refused.value.code == "archive:zip:too-many-entries"


def test_unpacked_bytes_are_counted_as_they_come(collection: Collection, settings: Settings) -> None:
    settings.PULIH_MAX_UNPACKED_BYTES = len(ONE) + 1000
    run = imported(collection, zipped({"a.png": ONE, "b.txt": bytes(5_000_000), "c.jpg": TWO}))
    assert (run.state, run.error_code) == ("failed", "archive:zip:too-much")
    assert [item.path for item in run.items.all()] == ["a.png"]
    assert Photo.objects.count() == 1


def test_a_file_larger_than_uploads_may_be_is_refused_by_itself(
    collection: Collection, settings: Settings
) -> None:
    settings.PULIH_MAX_UPLOAD_BYTES = 100_000
    settings.PULIH_MAX_ZIP_BYTES = 10_000_000
    run = imported(collection, zipped({"bomb.png": bytes(5_000_000), "a.png": ONE}))
    assert codes(run) == {"bomb.png": "archive:file:too-large", "a.png": ""}


class TestTurns:
    def test_a_long_import_lets_others_have_their_turn(self, collection: Collection) -> None:
        run = arrive(collection, zipped({f"{number}.png": png(number) for number in range(3)}))
        for turn in range(3):
            claimed = claim_import(run_id=run.pk)
            assert claimed is not None
            assert continue_zip_import(claimed, seconds=0) == (turn == 2)
            assert Photo.objects.count() == turn + 1
        assert continue_import(str(run.pk)) == "nothing to do"

    @pytest.mark.django_db(transaction=True)
    def test_it_does_not_wait_behind_a_thousand_restorations(self, collection: Collection) -> None:
        for number in range(3):
            make_restoration(photo=make_photo(), status=Restoration.Status.QUEUED)
            assert OrmQ.objects.count() == number + 1
        run = arrive(collection, zipped({"a.png": ONE}))
        groups = []
        for _message in range(4):
            (_key, message), *_others = get_broker().dequeue()
            groups.append(SignedPackage.loads(message)["group"])
        assert groups == ["restoration", "import", "restoration", "restoration"]
        assert run.is_active

    def test_only_one_worker_at_a_time(self, collection: Collection) -> None:
        run = arrive(collection, zipped({"a.png": ONE}))
        assert claim_import(run_id=run.pk) is not None
        assert claim_import(run_id=run.pk) is None
        assert continue_import(str(run.pk)) == "nothing to do"

    def test_a_dead_worker_s_import_goes_on(
        self, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = arrive(collection, zipped({"a.png": ONE, "b.jpg": TWO}))

        def die(**arguments: object) -> None:
            raise SystemExit

        with monkeypatch.context() as broken:
            broken.setattr("archive.services.imports.ingest_photo", die)
            with pytest.raises(SystemExit):
                continue_import(str(run.pk))
        OrmQ.objects.all().delete()
        long_ago = timezone.now() - LONGEST_QUEUE * 2
        ImportRun.objects.update(lease_expires_at=long_ago, enqueued_at=long_ago)
        assert sweep_ingest().startswith("1 imports queued again")
        assert OrmQ.objects.count() == 1
        assert sweep_ingest().startswith("0 imports")
        assert continue_import(str(run.pk)) == "done"
        assert Photo.objects.count() == 2

    def test_a_file_that_kills_its_worker_is_left_out_in_the_end(
        self, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = arrive(collection, zipped({"killer.png": ONE, "b.jpg": TWO}))

        def die(**arguments: object) -> None:
            raise SystemExit

        for _attempt in range(MAX_ATTEMPTS):
            with monkeypatch.context() as broken:
                broken.setattr("archive.services.imports.ingest_photo", die)
                with pytest.raises(SystemExit):
                    continue_import(str(run.pk))
            ImportRun.objects.update(lease_expires_at=None)
        assert continue_import(str(run.pk)) == "done"
        assert codes(run) == {"killer.png": "archive:import:given-up", "b.jpg": ""}


def png(seed: int) -> bytes:
    return pictures.png(pictures.portrait(seed=seed))


def test_the_upload_of_a_running_import_is_kept(collection: Collection) -> None:
    run = arrive(collection, zipped({"a.png": ONE}))
    upload = Upload.objects.get()
    later = upload.expires_at + LONGEST_QUEUE
    assert not Upload.objects.expired(later).exists()
    continue_import(str(run.pk))
    assert Upload.objects.expired(later).exists()
