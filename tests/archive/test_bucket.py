"""An archive whose files lie in a bucket does all that one with a disk does."""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import bagit
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from archive.files.bucket_store import BucketStore
from archive.files.renditions import rendition_file
from archive.files.storage import Area, StoredFile, adopt, incoming_folder, placing, sha256_of, store
from archive.files.stores import Lying
from archive.health.findings import Grade
from archive.iiif.pictures import original_preview
from archive.models import FixityFinding, Original, Photo, Rendition
from archive.services import continue_fixity_run, purge_photo, start_fixity_run, sweep_leftovers
from archive.zooming.orders import TilesState, make_wanted_tiles, wanted_tiles
from archive.zooming.pyramids import tiles_file
from restoration.health.examination import examine
from restoration.health.readiness import readiness
from tests import pictures
from tests.buckets import NOBODY_LISTENS, Bucket
from tests.factories import make_collection, make_photo

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def original_of(photo: Photo) -> StoredFile:
    return StoredFile(Area.ORIGINALS, photo.original.sha256)


def go_away(settings: Settings) -> None:
    """From now on nobody answers where the bucket was."""
    settings.PULIH_BUCKET = replace(settings.PULIH_BUCKET, endpoint=NOBODY_LISTENS, timeout=1.0)


def on_disk(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


@pytest.fixture
def content() -> bytes:
    return pictures.jpeg(pictures.portrait(1000, 1800))


@pytest.fixture
def photo(bucket: Bucket, content: bytes) -> Photo:
    return make_photo(collection=make_collection(), content=content, filename="Bibi Sri.jpg")


@pytest.fixture
def signed_in(client: Client, photo: Photo) -> Client:
    client.force_login(photo.collection.owner)
    return client


class TestShowing:
    def test_what_came_in_lies_in_the_bucket_and_nothing_on_the_disk(
        self, photo: Photo, bucket: Bucket, content: bytes, media_root: Path
    ) -> None:
        copies = [rendition_file(photo.original.sha256, kind) for kind in Rendition.Kind]
        assert bucket.held() == {file.key for file in [original_of(photo), *copies]}
        assert bucket.read(original_of(photo)) == content
        assert on_disk(media_root) == []

    def test_the_original_is_streamed_whole_in_parts_and_never_by_a_server_in_front(
        self, photo: Photo, signed_in: Client, content: bytes, settings: Settings
    ) -> None:
        settings.PULIH_SENDFILE = "X-Accel-Redirect:/protected/"
        address = reverse("archive:original", args=[photo.pk])
        whole = signed_in.get(address)
        assert "X-Accel-Redirect" not in whole
        assert whole.getvalue() == content
        assert whole["Content-Disposition"] == 'attachment; filename="Bibi Sri.jpg"'
        assert whole["Content-Security-Policy"] == "sandbox"
        part = signed_in.get(address, headers={"Range": "bytes=1000-300999", "If-Range": whole["ETag"]})
        assert (part.status_code, part.getvalue()) == (206, content[1000:301_000])
        assert part["Content-Range"] == f"bytes 1000-{min(300_999, len(content) - 1)}/{len(content)}"
        assert signed_in.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304
        assert Client().get(address).status_code == 302

    def test_renditions_pages_and_lost_files(self, photo: Photo, signed_in: Client, bucket: Bucket) -> None:
        shown = signed_in.get(reverse("archive:rendition", args=[photo.pk, "thumbnail"]))
        assert shown.getvalue() == bucket.read(
            rendition_file(photo.original.sha256, Rendition.Kind.THUMBNAIL)
        )
        assert shown["Last-Modified"]
        page = signed_in.get(reverse("restoration:photo_detail", args=[photo.pk]))
        assert reverse("archive:rendition", args=[photo.pk, "web"]) in page.content.decode()
        bucket.lose(original_of(photo))
        assert signed_in.get(reverse("archive:original", args=[photo.pk])).status_code == 404

    def test_tiles_are_made_once_and_read_out_of_the_bucket(
        self, photo: Photo, signed_in: Client, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Any] = []
        monkeypatch.setattr("archive.zooming.orders.async_task", lambda *a, **b: asked.append(a))
        address = reverse("archive:zoom", args=[photo.pk])
        assert [signed_in.get(address).status_code for _look in range(2)] == [202, 202]
        assert len(asked) == 1
        assert make_wanted_tiles(original_of(photo)) is TilesState.READY
        assert b'Width="1000"' in signed_in.get(address).content
        tile = signed_in.get(reverse("archive:zoom_tile", args=[photo.pk, 11, 0, 0]))
        with Image.open(io.BytesIO(tile.content)) as image:
            assert image.size == (513, 513)
        assert tiles_file(photo.original.sha256).exists()

    def test_what_cannot_be_tiled_is_known_to_every_host(
        self, photo: Photo, bucket: Bucket, settings: Settings, tmp_path: Path
    ) -> None:
        bucket.write(original_of(photo), b"no picture at all")
        assert make_wanted_tiles(original_of(photo)) is TilesState.FAILED
        settings.MEDIA_ROOT = tmp_path / "another host"
        assert wanted_tiles(original_of(photo)) is TilesState.FAILED

    def test_iiif_cuts_out_of_original_and_tiles(self, photo: Photo, signed_in: Client) -> None:
        name = original_preview(photo).removesuffix("-preview")
        address = f"/iiif/image/{name}/0,0,600,600/600,600/0/default.jpg"
        for _with_tiles in range(2):
            answer = signed_in.get(address)
            assert answer.status_code == 200
            with Image.open(io.BytesIO(answer.content)) as image:
                assert image.size == (600, 600)
            make_wanted_tiles(original_of(photo))


class TestFixity:
    def test_finds_what_was_flipped_and_what_is_gone_and_what_nobody_names(
        self, photo: Photo, bucket: Bucket, content: bytes
    ) -> None:
        lost = make_photo(collection=photo.collection, content=pictures.png(), filename="lost.png")
        bucket.write(original_of(photo), content[:-1] + bytes([content[-1] ^ 1]))
        bucket.lose(original_of(lost))
        stranger = StoredFile(Area.RESULTS, "e" * 64, ".png")
        bucket.write(stranger, b"who are you")
        run = start_fixity_run()
        assert continue_fixity_run(run=run, settling_seconds=0)
        assert dict(FixityFinding.objects.values_list("path", "kind")) == {
            original_of(photo).key: "changed",
            original_of(lost).key: "missing",
            stranger.key: "unknown",
        }
        bucket.write(original_of(photo), content)
        assert continue_fixity_run(run=start_fixity_run(), settling_seconds=0)
        assert original_of(photo).key not in FixityFinding.objects.still_open().values_list("path", flat=True)

    def test_a_bucket_away_is_no_finding(self, photo: Photo, settings: Settings) -> None:
        run = start_fixity_run()
        go_away(settings)
        with pytest.raises(CommandError, match="does not answer"):
            call_command("check_fixity")
        run.refresh_from_db()
        assert not FixityFinding.objects.exists()
        assert run.finished_at is None


def test_deletion_from_the_bin_empties_the_bucket(
    photo: Photo, bucket: Bucket, django_capture_on_commit_callbacks: Any
) -> None:
    make_wanted_tiles(original_of(photo))
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=photo)
    assert bucket.held() == set()


def test_what_was_purged_while_the_bucket_was_away_goes_later(
    photo: Photo, bucket: Bucket, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    go_away(settings)
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=photo)
    assert not Photo.objects.exists()
    settings.PULIH_BUCKET = bucket.settings
    assert bucket.held()
    sweep_leftovers()
    assert bucket.held(), "somebody may be just about it"
    sweep_leftovers(now=timezone.now() + 2 * HOUR)
    assert bucket.held() == set()
    assert not Original.objects.exists()


class TestSweeping:
    def broken_off(self, content: bytes) -> StoredFile:
        """A file whose row never came."""
        stored = StoredFile(Area.ORIGINALS, hashlib.sha256(content).hexdigest())
        with contextlib.suppress(ZeroDivisionError), placing():
            self.placed(content)
            raise ZeroDivisionError
        return stored

    def placed(self, content: bytes) -> StoredFile:
        path = incoming_folder() / "part"
        path.write_bytes(content)
        return adopt(path, area=Area.ORIGINALS, sha256=sha256_of(path))

    def test_what_one_host_broke_off_another_one_sweeps(
        self, bucket: Bucket, settings: Settings, tmp_path: Path
    ) -> None:
        self.broken_off(b"nobody's")
        settings.MEDIA_ROOT = tmp_path / "another host"
        assert sweep_leftovers() == 0
        assert sweep_leftovers(now=timezone.now() + 2 * HOUR) == 1
        assert bucket.held() == set()

    def test_what_a_row_names_stays(self, photo: Photo, bucket: Bucket, content: bytes) -> None:
        named = self.broken_off(content)
        assert sweep_leftovers(now=timezone.now() + 2 * HOUR) == 0
        assert bucket.read(named) == content

    def test_what_another_host_is_about_to_name_stays(
        self, bucket: Bucket, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wanted = self.broken_off(b"wanted again")
        [old] = store().keys("incoming/placing-")
        find = BucketStore.find

        def aged(self: BucketStore, key: str) -> Lying | None:
            lying = find(self, key)
            return replace(lying, changed_at=lying.changed_at - 7200) if lying and key == old else lying

        monkeypatch.setattr(BucketStore, "find", aged)
        with placing():
            self.placed(b"wanted again")
            settings.MEDIA_ROOT = tmp_path / "another host"
            assert sweep_leftovers() == 0
            assert bucket.read(wanted) == b"wanted again"


class TestAway:
    """Nothing is lost, everybody is told, and it goes on by itself."""

    def test_pages_and_api_answer_503_with_a_code(
        self, photo: Photo, signed_in: Client, settings: Settings
    ) -> None:
        go_away(settings)
        signed_in.raise_request_exception = False
        page = signed_in.get(reverse("archive:original", args=[photo.pk]))
        assert (page.status_code, page["Retry-After"]) == (503, "30")
        assert "Pictures cannot be reached" in page.content.decode()
        answer = signed_in.get(f"/api/v1/photos/{photo.pk}/original/")
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert answer.json()["code"] == "storage_unavailable"

    def test_an_upload_is_refused_whole_and_can_be_repeated(
        self, photo: Photo, signed_in: Client, settings: Settings, bucket: Bucket, media_root: Path
    ) -> None:
        before = bucket.held()
        go_away(settings)
        address = f"/api/v1/collections/{photo.collection_id}/photos/"
        upload = pictures.png(pictures.gradient(90, 60))

        def send() -> Any:
            return signed_in.post(address, {"file": io.BytesIO(upload)}, format="multipart")

        signed_in.raise_request_exception = False
        refused = send()
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
        assert (Photo.objects.count(), Original.objects.count()) == (1, 1)
        assert on_disk(media_root) == []
        settings.PULIH_BUCKET = bucket.settings
        assert bucket.held() == before
        assert send().status_code == 201

    def test_probe_and_doctor_say_it_and_how_to_mend_it(self, photo: Photo, settings: Settings) -> None:
        assert [each.grade for each in readiness()["storage"]] == [Grade.OK, Grade.OK]
        well = {each.name: each.grade for _part, found in examine(["storage"]) for each in found}
        assert well["bucket"] is Grade.OK
        go_away(settings)
        told = {each.name: each for each in readiness()["storage"]}
        assert told["bucket"].grade is Grade.BROKEN
        assert "PULIH_BUCKET_ENDPOINT" in told["bucket"].mend
        ill = [each for _part, found in examine(["storage"]) for each in found if each.name == "bucket"]
        assert {each.grade for each in ill} == {Grade.BROKEN}


def test_a_bag_out_of_the_bucket_is_valid(photo: Photo, content: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "bag"
    call_command("export_bag", str(photo.collection_id), str(folder))
    bagit.Bag(str(folder)).validate()
    [original] = (folder / "data" / "originals").rglob("*.jpg")
    assert original.read_bytes() == content


def test_a_zipped_bag_is_poured_out_of_the_bucket(photo: Photo, signed_in: Client, content: bytes) -> None:
    answer = signed_in.post(
        f"/api/v1/collections/{photo.collection_id}/export/", {}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    with ZipFile(io.BytesIO(answer.getvalue())) as bag:
        assert content in [bag.read(name) for name in bag.namelist() if name.endswith(".jpg")]
