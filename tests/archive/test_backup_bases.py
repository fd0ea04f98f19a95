"""Backups that link to an earlier one what both hold: each is whole, and rot does not go through them all."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest
from django.core.management import CommandError, call_command

from archive.backups.bases import READ_AGAIN_WITHIN
from archive.backups.making import make_backup
from archive.backups.restoring import restore_backup
from archive.errors import StateError
from archive.files.storage import Area
from archive.models import Rendition
from tests.archive.another_installation import another_installation, assert_whole
from tests.factories import make_photo, make_restoration
from tests.stored import rendition_path, stored_path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def in_backup(backup: Path, stored: Path, media_root: Path) -> Path:
    return backup / "data" / "media" / stored.relative_to(media_root)


def overwrite(path: Path, content: bytes) -> None:
    """In place, as rot does it: every link to the file has it."""
    path.chmod(0o644)
    path.write_bytes(content)


def test_what_both_hold_lies_on_the_disk_once(tmp_path: Path, media_root: Path) -> None:
    restoration = make_restoration()
    make_backup(tmp_path / "first")
    photo = make_photo(collection=restoration.photo.collection)
    report = make_backup(tmp_path / "second", base=tmp_path / "first")
    held = in_backup(tmp_path / "second", stored_path(Area.ORIGINALS, photo.original.sha256), media_root)
    assert held.stat().st_nlink == 1
    assert (report.missing, report.decayed, report.decayed_in_base) == ([], [], [])
    shared = [path for path in (tmp_path / "first" / "data" / "media").rglob("*") if path.is_file()]
    assert report.linked == len(shared) > 4
    for path in shared:
        assert path.samefile(tmp_path / "second" / path.relative_to(tmp_path / "first"))
    # The second one is whole without the first.
    shutil.rmtree(tmp_path / "first")
    bagit.Bag(str(tmp_path / "second")).validate()
    with another_installation(tmp_path / "there"):
        assert restore_backup(tmp_path / "second").missing == []
        assert_whole()


def test_rot_in_a_chain_is_found_and_ended(tmp_path: Path, media_root: Path) -> None:
    """Whenever its turn is, it comes within so many backups; from then on they hold the intact bytes."""
    original = stored_path(Area.ORIGINALS, make_photo().original.sha256)
    make_backup(tmp_path / "0")
    rotten = in_backup(tmp_path / "0", original, media_root)
    overwrite(rotten, bytes(rotten.stat().st_size))
    found = []
    for number in range(1, READ_AGAIN_WITHIN + 1):
        report = make_backup(tmp_path / f"{number}", base=tmp_path / f"{number - 1}")
        found += report.decayed_in_base
    assert [Path(name).name for name in found] == [original.name]
    bagit.Bag(str(tmp_path / f"{READ_AGAIN_WITHIN}")).validate()
    assert (
        original.read_bytes()
        == in_backup(tmp_path / f"{READ_AGAIN_WITHIN}", original, media_root).read_bytes()
    )


def test_what_the_archive_has_lost_stays_in_its_backups(tmp_path: Path) -> None:
    restoration = make_restoration()
    make_backup(tmp_path / "first")
    lost = stored_path(Area.ORIGINALS, restoration.photo.original.sha256)
    lost.unlink()
    report = make_backup(tmp_path / "second", base=tmp_path / "first")
    assert [Path(name).name for name in report.missing] == [lost.name]
    assert report.saved == report.missing
    with another_installation(tmp_path / "there"):
        assert restore_backup(tmp_path / "second").missing == []
        assert_whole()


def test_decayed_file_of_the_archive_does_not_displace_the_good_one(tmp_path: Path, media_root: Path) -> None:
    original = stored_path(Area.ORIGINALS, make_photo().original.sha256)
    good = original.read_bytes()
    make_backup(tmp_path / "first")
    overwrite(original, bytes(len(good)))
    make_backup(tmp_path / "second", base=tmp_path / "first")
    assert in_backup(tmp_path / "second", original, media_root).read_bytes() == good


def test_rendition_that_was_remade_is_copied(tmp_path: Path, media_root: Path) -> None:
    path = rendition_path(make_photo().original.sha256, Rendition.Kind.THUMBNAIL)
    make_backup(tmp_path / "first")
    overwrite(path, b"another thumbnail")
    make_backup(tmp_path / "second", base=tmp_path / "first")
    assert in_backup(tmp_path / "second", path, media_root).read_bytes() == b"another thumbnail"


def test_only_a_whole_backup_on_the_same_disk_is_a_base(tmp_path: Path, other_disk: Path) -> None:
    make_photo()
    make_backup(other_disk / "elsewhere")
    make_backup(tmp_path / "changed")
    listed = tmp_path / "changed" / "manifest-sha256.txt"
    listed.write_text(listed.read_text().replace("0", "1"))
    (tmp_path / "strange").mkdir()
    bagit.make_bag(str(tmp_path / "strange"), {"External-Identifier": "somebody-else"})
    for base, code in (
        (tmp_path / "nowhere", "archive:backup:base-not-whole"),
        (tmp_path / "strange", "archive:backup:base-not-whole"),
        (tmp_path / "changed", "archive:backup:base-not-whole"),
        (other_disk / "elsewhere", "archive:backup:base-elsewhere"),
    ):
        with pytest.raises(StateError) as refused:
            make_backup(tmp_path / "target", base=base)
        assert refused.value.code == code
        assert not (tmp_path / "target").exists()


def run(target: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("backup", target, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_nightly_backup_takes_the_newest_whole_one(tmp_path: Path) -> None:
    make_photo()
    backups = tmp_path / "backups"
    assert "links" not in run(backups / "z", "--incremental")  # the first
    assert f"links to {backups / 'z'}." in run(backups / "y", "--incremental")
    (backups / "y" / "bag-info.txt").write_text("broken off")
    assert f"links to {backups / 'z'}." in run(backups / "x", "--incremental")
    assert f"links to {backups / 'x'}." in run(backups / "w", "--incremental")
    with pytest.raises(CommandError, match="not allowed with"):
        run(backups / "v", "--incremental", "--base", str(backups / "z"))


def test_rot_in_the_base_is_a_failure_that_operators_hear_of(tmp_path: Path, media_root: Path) -> None:
    make_restoration()
    run(tmp_path / "0")
    for path in (tmp_path / "0" / "data" / "media" / "originals").rglob("*"):
        if path.is_file():
            overwrite(path, bytes(path.stat().st_size))

    def back_up_until_all_was_read() -> None:
        for number in range(1, READ_AGAIN_WITHIN + 1):
            run(tmp_path / f"{number}", "--base", str(tmp_path / f"{number - 1}"))

    with pytest.raises(CommandError, match="its disk decays"):
        back_up_until_all_was_read()
