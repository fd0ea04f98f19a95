"""Fixity: whatever is missing, changed or unknown is found, nothing else is, and the log remembers."""

import random
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from archive.errors import StateError
from archive.events.verification import chain_head
from archive.files import storage
from archive.files.storage import Area
from archive.fixity import checking
from archive.models import SHELVES, Event, FixityFinding, FixityRun, Original
from archive.queue.keeping_tasks import check_fixity, check_fixity_slice, resume_fixity_runs
from archive.services import (
    EventKind,
    claim_fixity_run,
    continue_fixity_run,
    create_collection,
    purge_photo,
    start_fixity_run,
    start_fixity_slice,
)
from restoration.models import Restoration
from restoration.running.stored_files import Kept
from tests.archive.stored_crowd import flip_bit, put_stranger, store_crowd
from tests.factories import (
    make_collection,
    make_model_version,
    make_photo,
    make_restoration,
    make_sample_results,
)
from tests.stored import kept_path, result_path, stored_path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking.time, "sleep", lambda seconds: None)


def checked(**what: Any) -> FixityRun:
    run = start_fixity_run(**what)
    assert claim_fixity_run(run=run)
    assert continue_fixity_run(run=run)
    return run


def found() -> dict[str, str]:
    return dict(FixityFinding.objects.filter(mended_at=None).values_list("path", "kind"))


def named(path: Path, media_root: Path) -> str:
    return path.relative_to(media_root).as_posix()


def damage(
    paths: list[Path], media_root: Path, *, flipped: int, deleted: int, strangers: int
) -> dict[str, str]:
    """Damage so many of them; what a check must find: path below the media folder and kind."""
    chance = random.Random(7)
    chosen = chance.sample(paths, flipped + deleted)
    for path in chosen[:flipped]:
        flip_bit(path, chance)
    for path in chosen[flipped:]:
        path.unlink()
    unknown = [put_stranger(chance) for _ in range(strangers)]
    return (
        {named(path, media_root): "changed" for path in chosen[:flipped]}
        | {named(path, media_root): "missing" for path in chosen[flipped:]}
        | {named(path, media_root): "unknown" for path in unknown}
    )


class TestWholeArchive:
    def test_seven_faults_among_many_and_no_false_alarm(self, media_root: Path) -> None:
        expected = damage(store_crowd(300), media_root, flipped=5, deleted=1, strangers=1)
        run = checked()
        assert found() == expected
        assert (run.file_count, run.fault_count) == (300, 7)

    @pytest.mark.slow
    def test_seventy_faults_among_five_thousand(self, media_root: Path) -> None:
        expected = damage(store_crowd(5000), media_root, flipped=50, deleted=10, strangers=10)
        checked()
        assert found() == expected

    def test_everything_that_is_kept_is_sound(self) -> None:
        restoration = make_restoration()
        make_sample_results(make_model_version())
        make_photo(content=stored_path(Area.ORIGINALS, restoration.original_sha256).read_bytes())
        run = checked()
        assert found() == {}
        # Original, result, repair and three layers; of each sample three pictures.
        samples = sum(1 for _path in stored_path(Area.RESULTS, "0" * 64).parents[2].rglob("*.png")) - 1
        assert run.file_count == 6 + samples

    @pytest.mark.parametrize("kind", [None, Kept.REPAIR, Kept.MASK, Kept.CHANGE])
    def test_files_of_restorations_are_checked_too(self, kind: Kept | None, media_root: Path) -> None:
        restoration = make_restoration()
        path = kept_path(restoration, kind) if kind else result_path(restoration)
        assert path is not None
        path.unlink()
        checked()
        assert found() == {named(path, media_root): "missing"}
        finding = FixityFinding.objects.get()
        assert finding.photos.get() == restoration.photo
        event = Event.objects.get(kind=EventKind.FIXITY_FAILED)
        assert (event.photo, event.collection) == (restoration.photo, restoration.photo.collection)
        assert (event.outcome, event.details["fault"]) == ("fail", "missing")

    def test_strangers_beside_the_shelves_are_found(self, media_root: Path) -> None:
        make_photo()
        strangers = [
            "originals/notes.txt",
            "originals/ab/notes.txt",
            "originals/ab/cd/folder",
            "results/zz",
            "layers/ab/cd/wrong",
        ]
        for stranger in strangers:
            path = media_root / stranger
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir() if stranger.endswith("folder") else path.write_bytes(b"x")
        (media_root / "originals/ab/\udcff.png").write_bytes(b"x")
        checked()
        assert found() == dict.fromkeys([*strangers, r"originals/ab/\udcff.png"], "unknown")

    def test_right_content_under_a_wrong_name_is_missing_and_a_stranger(self, media_root: Path) -> None:
        [path] = store_crowd(1)
        moved = stored_path(Area.ORIGINALS, "0" * 64)
        moved.parent.mkdir(parents=True)
        path.rename(moved)
        checked()
        assert found() == {named(path, media_root): "missing", named(moved, media_root): "unknown"}


class TestNoFalseAlarm:
    def test_purge_and_upload_meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        gone = make_photo()
        lying = checking.lying_keys

        def meanwhile(first: int, end: int) -> Any:
            storage.remove(area=Area.ORIGINALS, sha256=gone.original.sha256)
            Original.objects.filter(pk=gone.original_id)
            gone.delete()
            Original.objects.filter(pk=gone.original_id).delete()
            make_photo()
            monkeypatch.setattr(checking, "lying_keys", lying)
            return list(lying(first, end))

        monkeypatch.setattr(checking, "lying_keys", meanwhile)
        checked()
        assert found() == {}

    def test_result_that_a_worker_will_soon_name(self) -> None:
        make_restoration(status=Restoration.Status.RUNNING)
        put_stranger(random.Random(1))
        checked()
        assert found() == {}

    def test_stranger_beside_no_work_is_named_at_once(self) -> None:
        make_restoration()
        put_stranger(random.Random(1))
        checked()
        assert list(found().values()) == ["unknown"]


class TestLog:
    def test_fault_stands_once_until_it_is_mended(self, media_root: Path) -> None:
        photo = make_photo()
        path = stored_path(Area.ORIGINALS, photo.original.sha256)
        content = path.read_bytes()
        path.unlink()
        first, second = checked(), checked()
        finding = FixityFinding.objects.get()
        assert (finding.run, finding.kind, first.fault_count, second.fault_count) == (first, "missing", 1, 1)
        assert finding.seen_at > finding.found_at

        path.write_bytes(content)
        assert checked().fault_count == 0
        finding.refresh_from_db()
        assert finding.mended_at is not None
        kinds = list(
            Event.objects.filter(photo=photo, kind__startswith="fixity").values_list("kind", flat=True)
        )
        assert sorted(kinds) == [EventKind.FIXITY_FAILED, EventKind.FIXITY_MENDED]
        runs = Event.objects.filter(kind=EventKind.FIXITY_CHECKED).order_by("created_at")
        assert [event.outcome for event in runs] == ["fail", "fail", "success"]

    def test_other_fault_of_the_same_file_is_another_finding(self) -> None:
        photo = make_photo()
        path = stored_path(Area.ORIGINALS, photo.original.sha256)
        flip_bit(path, random.Random(1))
        checked()
        path.unlink()
        checked()
        assert {finding.kind: finding.mended_at is None for finding in FixityFinding.objects.all()} == {
            "changed": False,
            "missing": True,
        }

    def test_log_outlives_the_photo(self) -> None:
        photo = make_photo()
        stored_path(Area.ORIGINALS, photo.original.sha256).unlink()
        checked(photo=photo)
        pk = photo.pk
        purge_photo(photo=photo)
        assert FixityRun.objects.get().photo_id == pk
        assert FixityFinding.objects.count() == 1


class TestScopes:
    def test_photo_and_collection_read_only_their_own(self) -> None:
        fonds = make_collection()
        series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
        photo = make_restoration(photo=make_photo(collection=series)).photo
        make_photo(collection=fonds)
        other = make_photo()
        stored_path(Area.ORIGINALS, other.original.sha256).unlink()
        put_stranger(random.Random(1))
        assert checked(photo=photo).file_count == 6
        assert checked(collection=fonds).file_count == 7
        assert found() == {}

    def test_one_run_over_the_same_at_a_time(self) -> None:
        photo = make_photo()
        start_fixity_run(photo=photo)
        with pytest.raises(StateError) as refused:
            start_fixity_run(photo=photo)
        assert refused.value.code == "archive:fixity:running"
        start_fixity_run(collection=photo.collection)


class TestSlices:
    def test_ninety_nights_are_a_whole_cycle(self) -> None:
        slices = []
        for _night in range(91):
            run = start_fixity_slice()
            slices.append((run.first_shelf, run.end_shelf))
            now = timezone.now()
            FixityRun.objects.filter(pk=run.pk).update(finished_at=now)
            FixityRun.objects.exclude(pk=run.pk).update(started_at=now - timedelta(days=2))
            FixityRun.objects.filter(pk=run.pk).update(started_at=now - timedelta(days=1))
        assert slices[0][0] == 0
        assert all(before[1] == after[0] for before, after in pairwise(slices[:90]))
        assert (slices[89][1], slices[90][0]) == (SHELVES, 0)

    def test_nights_that_were_left_out_are_made_up_for(self, settings: Settings) -> None:
        settings.PULIH_FIXITY_DAYS = 64
        first = start_fixity_slice()
        assert (first.first_shelf, first.end_shelf) == (0, 1024)
        ago = timezone.now() - timedelta(days=3)
        FixityRun.objects.update(finished_at=ago, started_at=ago)
        second = start_fixity_slice()
        assert (second.first_shelf, second.end_shelf) == (1024, 1024 * 4)

    def test_part_that_has_not_ended_is_gone_on_with(self) -> None:
        assert start_fixity_slice() == start_fixity_slice()

    def test_all_slices_together_find_what_one_check_finds(
        self, media_root: Path, settings: Settings
    ) -> None:
        settings.PULIH_FIXITY_DAYS = 4
        expected = damage(store_crowd(60), media_root, flipped=5, deleted=5, strangers=5)
        for _ in range(4):
            assert "files" in check_fixity_slice()
        assert found() == expected
        assert sum(run.file_count for run in FixityRun.objects.all()) == 60


class TestInterruption:
    def test_run_is_cut_into_turns_and_misses_nothing(self, media_root: Path) -> None:
        expected = damage(store_crowd(40), media_root, flipped=4, deleted=4, strangers=4)
        run = start_fixity_run()
        turns = 1
        assert claim_fixity_run(run=run)
        while not continue_fixity_run(run=run, seconds=1e-4):
            assert claim_fixity_run(run=run)
            turns += 1
        assert turns > 5
        assert found() == expected
        assert run.file_count == 40

    def test_killed_worker_s_run_comes_back_where_it_stood(self, media_root: Path) -> None:
        expected = damage(store_crowd(40), media_root, flipped=4, deleted=4, strangers=0)
        run = start_fixity_run()
        claim_fixity_run(run=run)
        continue_fixity_run(run=run, seconds=0.01)
        # The worker died with the lease in its hands.
        claim_fixity_run(run=run)
        assert check_fixity(str(run.pk)) == "nothing to do"
        FixityRun.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        assert resume_fixity_runs() == "1 runs"
        check_fixity(str(run.pk))
        assert found() == expected


class TestMail:
    def test_operators_are_told_once_with_the_head_of_the_log(
        self, settings: Settings, media_root: Path
    ) -> None:
        settings.PULIH_OPERATORS = ["ops@archive.example"]
        [path] = store_crowd(1)
        path.unlink()
        assert check_fixity(str(start_fixity_run().pk)) == "1 files, 1 faults"
        [message] = mail.outbox
        assert message.to == ["ops@archive.example"]
        assert "1 stored files" in message.subject
        assert f"missing: {named(path, media_root)}" in message.body
        assert str(chain_head()) in message.body
        check_fixity(str(start_fixity_run().pk))
        assert len(mail.outbox) == 1

    def test_mail_that_failed_is_sent_later(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.PULIH_OPERATORS = ["ops@archive.example"]
        [path] = store_crowd(1)
        path.unlink()

        def down(*arguments: object) -> None:
            raise OSError("no connection")

        with monkeypatch.context() as patch:
            patch.setattr("archive.fixity.mail.send_mail", down)
            check_fixity(str(start_fixity_run().pk))
        assert FixityRun.objects.filter(is_reported=False).count() == 1
        resume_fixity_runs()
        resume_fixity_runs()
        assert len(mail.outbox) == 1


class TestCommand:
    def test_names_faults_and_fails(self, media_root: Path) -> None:
        expected = damage(store_crowd(10), media_root, flipped=1, deleted=1, strangers=1)
        out = StringIO()
        with pytest.raises(CommandError, match=r"10 files, \d+ bytes read, 3 faults"):
            call_command("check_fixity", stdout=out)
        assert sorted(out.getvalue().split("\n")) == sorted(
            ["", *(f"{kind}: {path}" for path, kind in expected.items())]
        )

    def test_scopes_and_unknown_ids(self) -> None:
        photo = make_photo()
        for option in ({"photo": str(photo.pk)}, {"collection": str(photo.collection_id)}, {"slice": True}):
            out = StringIO()
            call_command("check_fixity", stdout=out, **option)
            assert "0 faults" in out.getvalue()
        with pytest.raises(CommandError, match="none with this id"):
            call_command("check_fixity", photo="x")
