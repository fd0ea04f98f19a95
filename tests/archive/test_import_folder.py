"""import_folder through the front door: everything once, the bad files by name, and on from where it was."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from archive.access.roles import Role
from archive.models import Collection, ImportItem, ImportRun, Photo
from archive.services import ingest_photo
from restoration.models import Restoration
from tests import pictures
from tests.factories import make_collection, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def scans(tmp_path) -> Path:
    folder = tmp_path / "scans"
    (folder / "page 2").mkdir(parents=True)
    (folder / "a.png").write_bytes(pictures.png(pictures.portrait(seed=1)))
    (folder / "b.jpg").write_bytes(pictures.jpeg(pictures.portrait(seed=2)))
    (folder / "page 2" / "c.tif").write_bytes(pictures.grey16_tiff())
    return folder


def spoil(folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(pictures.truncated(pictures.jpeg(pictures.portrait(seed=3))))
    (folder / "empty.png").write_bytes(b"")
    (folder / "letter.jpg").write_text("Dear Siti")
    (folder / "list.tsv").write_text("a.png\t1931")
    (folder / "no ending").write_bytes(pictures.png(pictures.portrait(seed=4)))
    (folder / ".hidden.png").write_bytes(b"no picture")


def import_folder(folder: Path, *options: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    arguments = ["import_folder", str(folder), "--collection", "Album 3", "--user", "siti", *options]
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


class TestImportFolder:
    def test_every_picture_goes_in_and_is_queued(self, scans):
        user = make_user("siti")
        out, err = import_folder(scans)
        assert (out, err) == ("3 taken into “Album 3”, 0 there already, 0 refused, 0 no pictures.\n", "")
        collection = Collection.objects.get()
        assert (collection.title, collection.owner) == ("Album 3", user)
        assert sorted(collection.photos.values_list("filename", flat=True)) == ["a.png", "b.jpg", "c.tif"]
        assert Restoration.objects.filter(status="queued", requested_by=user).count() == 3

    def test_bad_files_are_named_and_the_others_taken(self, scans):
        make_user("siti")
        spoil(scans)
        out, err = io.StringIO(), io.StringIO()
        with pytest.raises(CommandError, match=r"^3 of 8 files could not be taken") as failed:
            call_command(
                "import_folder", scans, "--collection", "A", "--user", "siti", stdout=out, stderr=err
            )
        assert failed.value.returncode == 1
        assert out.getvalue() == "4 taken into “A”, 0 there already, 3 refused, 1 no pictures.\n"
        lines = err.getvalue().splitlines()
        assert [line.split(":")[0] for line in lines] == [
            str(scans / name) for name in ("broken.jpg", "empty.png", "letter.jpg")
        ]
        assert lines[1].endswith("The file is empty.")
        assert sorted(Photo.objects.values_list("filename", flat=True)) == [
            "a.png",
            "b.jpg",
            "c.tif",
            "no ending",
        ]

    def test_running_it_again_takes_only_what_is_new(self, scans):
        make_user("siti")
        import_folder(scans)
        (scans / "d.png").write_bytes(pictures.png(pictures.portrait(seed=9)))
        out, _err = import_folder(scans)
        assert out == "1 taken into “Album 3”, 3 there already, 0 refused, 0 no pictures.\n"
        assert (Collection.objects.count(), Photo.objects.count()) == (1, 4)

    def test_restorations_can_wait(self, scans):
        make_user("siti")
        import_folder(scans, "--no-restore")
        assert (Photo.objects.count(), Restoration.objects.count()) == (3, 0)

    def test_a_stranger_s_collection_of_the_same_title_is_not_used(self, scans):
        theirs = make_collection(title="Album 3")
        siti = make_user("siti")
        theirs.memberships.create(user=siti, role=Role.VIEWER)
        import_folder(scans)
        assert (theirs.photos.count(), siti.owned_collections.get().photos.count()) == (0, 3)

    def test_an_unknown_user_is_refused(self, scans):
        with pytest.raises(CommandError, match="There is no user “siti”"):
            import_folder(scans)

    def test_a_missing_folder_is_refused(self, tmp_path):
        make_user("siti")
        with pytest.raises(CommandError, match="is not a folder"):
            import_folder(tmp_path / "nowhere")

    def test_folders_are_kept_and_every_file_is_accounted_for(self, scans):
        make_user("siti")
        spoil(scans)
        with pytest.raises(CommandError):
            import_folder(scans)
        assert Photo.objects.get(filename="c.tif").folder == "page 2"
        assert Photo.objects.get(filename="a.png").folder == ""
        run = ImportRun.objects.with_counts().get()
        assert (run.state, run.source, run.total) == ("done", "folder", 8)
        assert (run.taken, run.present, run.refused, run.passed_over) == (4, 0, 3, 1)
        item = ImportItem.objects.get(path="page 2/c.tif")
        assert item.photo == Photo.objects.get(filename="c.tif")
        assert ImportItem.objects.get(path="letter.jpg").code == "archive:file:not-an-image"

    def test_an_interrupted_import_goes_on_where_it_was(self, scans, monkeypatch):
        """The power fails in the middle of the second file; what follows is taken, nothing twice."""
        make_user("siti")
        taken = []

        def power_cut(**arguments):
            if len(taken) == 1:
                raise KeyboardInterrupt
            taken.append(arguments["filename"])
            return ingest_photo(**arguments)

        with monkeypatch.context() as broken:
            broken.setattr("archive.services.imports.ingest_photo", power_cut)
            with pytest.raises(KeyboardInterrupt):
                import_folder(scans)
        assert [item.path for item in ImportItem.objects.all()] == ["a.png"]
        assert ImportRun.objects.get().is_active

        out, _err = import_folder(scans)
        assert out == "3 taken into “Album 3”, 0 there already, 0 refused, 0 no pictures.\n"
        assert (ImportRun.objects.count(), Photo.objects.count()) == (1, 3)

    def test_a_full_disk_is_not_the_files_fault(self, scans, monkeypatch):
        make_user("siti")

        def full(*args, **kwargs):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr("archive.files.storage.place", full)
            with pytest.raises(OSError, match="No space left"):
                import_folder(scans)
        assert not ImportItem.objects.exists()
        out, _err = import_folder(scans)
        assert out.startswith("3 taken")

    def test_a_collection_can_be_named_by_its_id(self, scans):
        collection = make_collection(owner=make_user("siti"))
        arguments = ["import_folder", str(scans), "--collection", str(collection.pk), "--user", "siti"]
        call_command(*arguments, stdout=io.StringIO())
        assert collection.photos.count() == 3
