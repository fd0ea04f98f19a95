"""tus 1.0 as the specification has it, and what comes of a file that has arrived."""

import hashlib
import io
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.http import UnreadablePostError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from archive.errors import StateError
from archive.files.storage import Area
from archive.models import Collection, Photo, Upload
from archive.services import extend_upload, finish_upload, sweep_uploads
from archive.tus.receiving import receive_part
from restoration.models import Restoration
from tests import pictures
from tests.archive.tus_client import VERSION, address, ask, begin, begun, checksum, send, state
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_user
from tests.stored import stored_path

pytestmark = pytest.mark.django_db

PICTURE = pictures.png(pictures.portrait(seed=77))


@pytest.fixture
def curator() -> User:
    return make_user()


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator)


@pytest.fixture
def sender(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


class TestProtocol:
    def test_the_server_tells_what_it_is_capable_of(self, sender: Client, collection: Collection) -> None:
        response = sender.options(reverse("api:collection-uploads", args=[collection.pk]))
        assert response.status_code == 204
        assert response["Tus-Resumable"] == response["Tus-Version"] == "1.0.0"
        assert response["Tus-Extension"] == "creation,checksum,termination,expiration"
        assert "sha1" in response["Tus-Checksum-Algorithm"].split(",")
        assert int(response["Tus-Max-Size"]) > 2**30

    def test_a_picture_in_three_parts(self, sender: Client, collection: Collection) -> None:
        response = begin(
            sender, collection, len(PICTURE), filename="Bibi.png", relativePath="Album/7/Bibi.png"
        )
        assert response.status_code == 201
        assert response["Tus-Resumable"] == "1.0.0"
        assert response["Location"] == address(Upload.objects.get())
        upload = Upload.objects.get()
        assert ask(sender, upload)["Upload-Offset"] == "0"
        for start, end in ((0, 100), (100, 2000), (2000, len(PICTURE))):
            response = send(sender, upload, PICTURE[start:end], start)
            assert (response.status_code, response["Upload-Offset"]) == (204, str(end))
            assert parsedate_to_datetime(response["Upload-Expires"]) > timezone.now()
        photo = Photo.objects.get()
        assert (photo.filename, photo.folder, photo.uploaded_by) == ("Bibi.png", "Album/7", collection.owner)
        assert stored_path(Area.ORIGINALS, photo.original.sha256).read_bytes() == PICTURE
        assert photo.restorations.get().status == Restoration.Status.QUEUED
        assert state(sender, upload)["photo"] == str(photo.pk)
        assert ask(sender, upload)["Upload-Offset"] == str(len(PICTURE))
        assert not upload.part_path.exists()

    def test_metadata_comes_back_as_it_was(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10, filename="Désirée.png", note="")
        response = ask(sender, upload)
        assert response["Upload-Metadata"] == upload.metadata
        assert (response["Upload-Length"], response["Cache-Control"]) == ("10", "no-store")
        assert upload.filename == "Désirée.png"

    @pytest.mark.parametrize("version", ["", "0.2.2", "1.0"])
    def test_other_versions_are_refused(self, sender: Client, collection: Collection, version: str) -> None:
        response = begin(sender, collection, 10, headers={"Tus-Resumable": version}, filename="a.png")
        assert (response.status_code, response["Tus-Version"]) == (412, "1.0.0")
        assert not Upload.objects.exists()

    @pytest.mark.parametrize("length", ["", "-1", "ten", "1e3", "٣", "9" * 30])
    def test_length_must_be_a_number(self, sender: Client, collection: Collection, length: str) -> None:
        assert begin(sender, collection, length, filename="a.png").status_code == 400

    def test_length_must_be_known(self, sender: Client, collection: Collection) -> None:
        response = begin(sender, collection, 10, headers={"Upload-Defer-Length": "1"}, filename="a.png")
        assert response.status_code == 400

    @pytest.mark.parametrize("words", ["filename", "filename ###", "a YQ==,a YQ=="])
    def test_metadata_must_be_pairs(self, sender: Client, collection: Collection, words: str) -> None:
        response = begin(sender, collection, 10, headers={"Upload-Metadata": words})
        # A key alone is allowed, and has an empty value.
        assert response.status_code == (201 if words == "filename" else 400)

    def test_wrong_offset_is_a_conflict(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, len(PICTURE))
        send(sender, upload, PICTURE[:100])
        for offset in (0, 99, 101):
            response = send(sender, upload, PICTURE[100:200], offset)
            assert (response.status_code, response.json()["code"]) == (409, "archive:upload:offset")
        assert ask(sender, upload)["Upload-Offset"] == "100"

    def test_type_of_a_part(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10)
        headers = VERSION | {"Upload-Offset": "0"}
        response = sender.generic("PATCH", address(upload), b"x", content_type="image/png", headers=headers)
        assert response.status_code == 415

    def test_more_than_was_said_is_refused(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10)
        assert send(sender, upload, b"x" * 11).status_code == 413
        assert ask(sender, upload)["Upload-Offset"] == "0"

    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
    def test_checksum(self, sender: Client, collection: Collection, algorithm: str) -> None:
        upload = begun(sender, collection, len(PICTURE))
        wrong = send(
            sender, upload, PICTURE[:500], headers={"Upload-Checksum": checksum(PICTURE[:501], algorithm)}
        )
        assert wrong.status_code == 460
        assert ask(sender, upload)["Upload-Offset"] == "0"
        right = send(
            sender, upload, PICTURE[:500], headers={"Upload-Checksum": checksum(PICTURE[:500], algorithm)}
        )
        assert (right.status_code, right["Upload-Offset"]) == (204, "500")

    @pytest.mark.parametrize("given", ["crc32 AAAA", "sha1", "sha1 ###", ""])
    def test_unknown_checksum(self, sender: Client, collection: Collection, given: str) -> None:
        upload = begun(sender, collection, 10)
        assert send(sender, upload, b"x", headers={"Upload-Checksum": given}).status_code in {400, 460}
        assert ask(sender, upload)["Upload-Offset"] == "0"

    def test_termination(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10)
        send(sender, upload, b"12345")
        assert sender.delete(address(upload), headers=VERSION).status_code == 204
        assert not upload.part_path.exists()
        assert ask(sender, upload).status_code == 404

    def test_method_override(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10)
        headers = VERSION | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
        response = sender.post(
            address(upload), b"12345", content_type="application/offset+octet-stream", headers=headers
        )
        assert (response.status_code, response["Upload-Offset"]) == (204, "5")

    def test_a_session_needs_its_csrf_token(self, curator: User, collection: Collection) -> None:
        sender = Client(enforce_csrf_checks=True)
        sender.force_login(curator)
        assert begin(sender, collection, 10, filename="a.png").status_code == 403
        sender.get(reverse("restoration:collection_detail", args=[collection.pk]))
        token = {"X-CSRFToken": sender.cookies["csrftoken"].value}
        assert begin(sender, collection, 10, headers=token, filename="a.png").status_code == 201


class TestRefusals:
    def test_the_last_part_is_answered_with_the_reason(self, sender: Client, collection: Collection) -> None:
        content = b"no picture at all"
        upload = begun(sender, collection, len(content), filename="letter.jpg")
        response = send(sender, upload, content)
        assert (response.status_code, response.json()["code"]) == (400, "archive:file:not-an-image")
        assert not upload.part_path.exists()
        told = state(sender, upload)
        assert (told["state"], told["code"]) == ("refused", "archive:file:not-an-image")
        assert ask(sender, upload).status_code == 410
        assert send(sender, upload, b"x").status_code == 410

    def test_the_same_file_twice_names_the_photo_that_is_there(
        self, sender: Client, collection: Collection
    ) -> None:
        photo = make_photo(collection=collection, content=PICTURE)
        upload = begun(sender, collection, len(PICTURE))
        assert send(sender, upload, PICTURE).json()["code"] == "archive:photo:duplicate"
        assert state(sender, upload)["photo"] == str(photo.pk)
        assert Photo.objects.count() == 1

    def test_senders_checksum_of_the_whole_file(self, sender: Client, collection: Collection) -> None:
        wrong = begun(sender, collection, len(PICTURE), sha256="0" * 64)
        assert send(sender, wrong, PICTURE).json()["code"] == "archive:file:checksum"
        assert not Photo.objects.exists()
        right = begun(sender, collection, len(PICTURE), sha256=hashlib.sha256(PICTURE).hexdigest().upper())
        assert send(sender, right, PICTURE).status_code == 204
        response = begin(sender, collection, 10, filename="a.png", sha256="abc")
        assert response.json()["code"] == "archive:upload:checksum-form"

    def test_limits_hold_before_anything_is_sent(
        self, sender: Client, collection: Collection, settings: Settings
    ) -> None:
        settings.PULIH_MAX_UPLOAD_BYTES = 1000
        settings.PULIH_MAX_ZIP_BYTES = 2000
        assert begin(sender, collection, 0, filename="a.png").json()["code"] == "archive:file:empty"
        assert begin(sender, collection, 1001, filename="a.png").status_code == 413
        assert begin(sender, collection, 1001, filename="a.zip").status_code == 201
        assert begin(sender, collection, 2001, filename="a.zip").status_code == 413
        settings.PULIH_MAX_OPEN_UPLOADS = 1
        refused = begin(sender, collection, 10, filename="a.png")
        assert (refused.status_code, refused["Retry-After"]) == (429, "30")

    def test_without_room_on_the_disk(
        self, sender: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("archive.services.uploads._SPARE_BYTES", 2**60)
        response = begin(sender, collection, 10, filename="a.png")
        assert (response.status_code, response.json()["code"]) == (507, "archive:upload:no-room")
        assert not Upload.objects.exists()

    def test_uploads_are_their_senders_own(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10)
        other = Client()
        other.force_login(make_user())
        for response in (ask(other, upload), send(other, upload, b"x"), other.get(address(upload))):
            assert response.status_code == 404


class TestInterruption:
    def test_what_came_before_the_cut_is_kept(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, len(PICTURE))

        class Cut(io.BytesIO):
            def read(self, size: int = -1, /) -> bytes:
                if self.tell() >= 1500:
                    raise UnreadablePostError("connection reset")
                return super().read(min(size, 1500 - self.tell()))

        assert receive_part(upload, Cut(PICTURE), offset=0) == 1500
        assert ask(sender, upload)["Upload-Offset"] == "1500"
        assert send(sender, upload, PICTURE[1500:], 1500).status_code == 204
        assert Photo.objects.get().original.byte_size == len(PICTURE)

    def test_bytes_beyond_the_counted_ones_are_written_over(
        self, sender: Client, collection: Collection
    ) -> None:
        """A process killed between disk and row leaves more bytes than the row counts."""
        upload = begun(sender, collection, len(PICTURE))
        send(sender, upload, PICTURE[:100])
        with upload.part_path.open("ab") as file:
            file.write(b"torn")
        send(sender, upload, PICTURE[100:], 100)
        assert stored_path(Area.ORIGINALS, Photo.objects.get().original.sha256).read_bytes() == PICTURE

    def test_a_connection_that_wakes_up_late_changes_nothing(
        self, sender: Client, collection: Collection
    ) -> None:
        upload = begun(sender, collection, len(PICTURE))
        send(sender, upload, PICTURE[:300])
        with pytest.raises(StateError) as refused:
            extend_upload(upload=upload, offset=0, content=b"stale" * 10)
        assert refused.value.code == "archive:upload:offset"
        assert upload.part_path.read_bytes() == PICTURE[:300]

    def test_a_file_whose_checker_died_is_taken_in_when_asked_about(
        self, sender: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = begun(sender, collection, len(PICTURE))
        with monkeypatch.context() as broken:
            broken.setattr("archive.api.uploads.finish_upload", lambda upload: upload)
            send(sender, upload, PICTURE)
        assert not Photo.objects.exists()
        assert ask(sender, upload)["Upload-Offset"] == str(len(PICTURE))
        assert state(sender, upload)["photo"] == str(Photo.objects.get().pk)

    def test_trouble_of_the_servers_can_be_tried_again(
        self, sender: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = begun(sender, collection, len(PICTURE))
        sender.raise_request_exception = False

        def full(*args: object, **kwargs: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr("archive.files.storage.place", full)
            assert send(sender, upload, PICTURE).status_code == 507
        assert (Photo.objects.count(), upload.part_path.read_bytes()) == (0, PICTURE)
        assert ask(sender, upload).status_code == 200
        assert Photo.objects.count() == 1

    def test_nothing_is_orphaned_after_expiry(
        self, sender: Client, collection: Collection, media_root: Path
    ) -> None:
        forgotten = begun(sender, collection, len(PICTURE))
        send(sender, forgotten, PICTURE[:100])
        fresh = begun(sender, collection, len(PICTURE))
        stray = fresh.part_path.with_name("00000000-0000-0000-0000-00000000abcd")
        stray.write_bytes(b"bytes of a process that died before its row was there")
        later = timezone.now() + timedelta(hours=25)
        Upload.objects.filter(pk=fresh.pk).update(expires_at=later + timedelta(hours=1))
        assert sweep_uploads(now=later) == 2
        assert [path.name for path in (media_root / "incoming" / "uploads").iterdir()] == [str(fresh.pk)]
        assert ask(sender, forgotten).status_code == 404
        assert sweep_uploads(now=later) == 0

    def test_the_sweep_finishes_what_a_dead_checker_left(
        self, sender: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = begun(sender, collection, len(PICTURE))
        extend_upload(upload=upload, offset=0, content=PICTURE)
        Upload.objects.filter(pk=upload.pk).update(
            state=Upload.State.CHECKING, lease_expires_at=timezone.now() - timedelta(seconds=1)
        )
        sweep_uploads()
        assert Photo.objects.count() == 1

    def test_bytes_that_are_gone_end_the_upload(self, sender: Client, collection: Collection) -> None:
        upload = begun(sender, collection, 10)
        upload.part_path.unlink()
        response = send(sender, upload, b"12345")
        assert (response.status_code, response.json()["code"]) == (410, "archive:upload:gone")


@pytest.mark.django_db(transaction=True)
def test_the_last_part_from_everywhere_at_once_makes_one_photo(curator: User, collection: Collection) -> None:
    sender = Client()
    sender.force_login(curator)
    upload = begun(sender, collection, len(PICTURE))
    send(sender, upload, PICTURE[:1000])
    rest = PICTURE[1000:]

    def finish() -> Upload:
        receive_part(upload, ContentFile(rest), offset=1000)
        return finish_upload(upload=Upload.objects.get(pk=upload.pk))

    outcomes = at_once(*[finish] * 4)
    assert [type(outcome) for outcome in outcomes].count(StateError) == 3
    assert Photo.objects.count() == 1
    assert Upload.objects.get().state == Upload.State.DONE
