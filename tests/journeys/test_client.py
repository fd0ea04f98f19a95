"""The Python client against a running platform, over a network that breaks, with others at work meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pulih_client
import pytest
from PIL import Image
from pulih_client import Client, Collection, File, Patience

from benchmarks.cutting_proxy import CuttingProxy
from benchmarks.resumable_upload import make_scan
from tests import pictures
from tests.journeys.gate import AnswerLost, Busy, CutAfter, Gate, gate_before
from tests.journeys.platform import Platform
from tests.processes import free_port


@pytest.fixture(scope="module")
def token(platform: Platform) -> str:
    return pulih_client.token_for(platform.address, platform.username, platform.password)


@pytest.fixture(scope="module")
def pulih(platform: Platform, token: str) -> Iterator[Client]:
    with Client(platform.address, token) as client:
        yield client


@pytest.fixture
def gate(platform: Platform) -> Iterator[Gate]:
    with gate_before(platform.address) as gate:
        yield gate


@pytest.fixture
def album(pulih: Client, request: pytest.FixtureRequest) -> Collection:
    """A collection of the test's own that restores nothing by itself."""
    return pulih.collections.create(request.node.name, auto_restore=False)


def photo_file(folder: Path, seed: int = 0) -> Path:
    path = folder / f"portrait-{seed}.jpg"
    path.write_bytes(pictures.jpeg(pictures.scratched(pictures.portrait(seed=seed), seed=seed)))
    return path


def test_cut_off_in_the_middle_a_large_file_arrives_whole_and_comes_back_the_same(
    platform: Platform, token: str, album: Collection, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.tif"
    make_scan(scan, 3)
    places, told = [400_000, 1_500_000, 2_900_000], []
    with (
        CuttingProxy(int(platform.address.rpartition(":")[2]), places) as proxy,
        Client(proxy.address, token, resumable_from=1, sleep=lambda _seconds: None) as client,
    ):
        photo = client.uploads.send(
            album.id, scan, folder="box 1/a", on_bytes=lambda sent, length: told.append((sent, length))
        )
        home = client.downloads.save(photo.original, tmp_path / "home" / "scan.tif")
    assert len(proxy.cuts) == len(places)
    assert told[-1] == (scan.stat().st_size, scan.stat().st_size)
    assert (photo.filename, photo.folder) == ("scan.tif", "box 1/a")
    assert home.read_bytes() == scan.read_bytes()


def test_a_small_file_whose_answer_is_lost_becomes_one_photo(
    gate: Gate, token: str, album: Collection, tmp_path: Path
) -> None:
    gate.tricks.append(AnswerLost())
    with Client(gate.address, token, sleep=lambda _seconds: None) as client:
        photo = client.uploads.send(album.id, photo_file(tmp_path))
        assert [each.id for each in client.photos.all(album.id)] == [photo.id]
        with pytest.raises(pulih_client.AlreadyThere) as again:
            client.uploads.send(album.id, photo_file(tmp_path))
    assert again.value.code == "archive:photo:duplicate"
    keys = [headers["idempotency-key"] for method, _path, headers in gate.asked[:2] if method == "POST"]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_told_to_come_back_later_it_does(gate: Gate, token: str, platform: Platform) -> None:
    waited: list[float] = []
    gate.tricks += [Busy(3), Busy(7)]
    with Client(gate.address, token, sleep=waited.append) as client:
        assert client.me()["username"] == platform.username
    assert waited == [3, 7]
    gate.tricks.append(Busy(600))
    with (
        Client(gate.address, token, sleep=waited.append) as client,
        pytest.raises(pulih_client.TooManyRequests) as told,
    ):
        client.me()
    assert (told.value.code, told.value.retry_after, waited) == ("throttled", 600, [3, 7])


def test_the_platform_itself_says_when_to_come_back(platform: Platform) -> None:
    refused: list[pulih_client.ApiError] = []
    for _attempt in range(11):
        with pytest.raises(pulih_client.ApiError) as told:
            pulih_client.token_for(platform.address, "nobody", "guessed", patience=Patience(tries=1))
        refused.append(told.value)
    assert not isinstance(refused[0], pulih_client.TooManyRequests)
    assert isinstance(refused[-1], pulih_client.TooManyRequests)
    assert refused[-1].retry_after is not None
    assert 0 < refused[-1].retry_after <= 15 * 60


def test_what_somebody_else_has_changed_meanwhile_is_not_written_over(
    pulih: Client, album: Collection, tmp_path: Path
) -> None:
    mine, hers = pulih.collections.get(album.id), pulih.collections.get(album.id)
    assert pulih.collections.change(hers, title="Hers").title == "Hers"
    with pytest.raises(pulih_client.Changed) as stale:
        pulih.collections.change(mine, title="Mine")
    assert stale.value.code == "archive:precondition:changed"
    assert pulih.collections.change(pulih.collections.get(album.id), title="Mine").title == "Mine"

    photo = pulih.photos.get(pulih.uploads.send(album.id, photo_file(tmp_path)).id)
    described = pulih.photos.describe(photo, title="Siti", tags=["studio"])
    assert (described.title, described.tags) == ("Siti", ["studio"])
    with pytest.raises(pulih_client.Changed):
        pulih.photos.describe(photo, title="Nobody")
    assert pulih.photos.describe(described, title="Siti, 1931").title == "Siti, 1931"


def test_a_download_goes_on_where_it_was_cut_and_writes_over_nothing(
    gate: Gate, token: str, album: Collection, tmp_path: Path
) -> None:
    source, target = photo_file(tmp_path), tmp_path / "home.jpg"
    with Client(gate.address, token, sleep=lambda _seconds: None) as client:
        original = client.uploads.send(album.id, source).original
        gate.tricks += [CutAfter(1000), CutAfter(500)]
        client.downloads.save(original, target)
        ranges = [headers.get("range") for _method, path, headers in gate.asked if "original" in path]
        assert ranges == [None, "bytes=1000-", "bytes=1500-"]
        assert target.read_bytes() == source.read_bytes()
        client.downloads.save(original, target)
        assert gate.count("GET", "/original/") == 3

        target.write_text("of somebody else")
        with pytest.raises(FileExistsError):
            client.downloads.save(original, target)
        assert target.read_text() == "of somebody else"
        wrong = File(original.url, hashlib.sha256(b"another").hexdigest(), original.media_type)
        with pytest.raises(pulih_client.Damaged):
            client.downloads.save(wrong, tmp_path / "wrong.jpg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home.jpg", "portrait-0.jpg"]


@pytest.mark.slow
def test_a_photo_is_restored_by_hand_again_and_reviewed(
    pulih: Client, album: Collection, tmp_path: Path
) -> None:
    photo = pulih.uploads.send(album.id, photo_file(tmp_path, seed=7))
    hand = tmp_path / "hand.png"
    marked = Image.new("L", (128, 160), 0)
    marked.paste(255, (0, 0, 40, 40))
    hand.write_bytes(pictures.png(marked))

    told: list[tuple[str, int]] = []
    wishes = {"quick": True, "thorough": True, "hand": hand, "key": "by hand"}
    started = pulih.restorations.start(photo.id, **wishes)
    assert pulih.restorations.start(photo.id, **wishes).id == started.id
    done = pulih.restorations.wait(started.id, seconds=300, on_progress=lambda *each: told.append(each))
    assert told[-1][0] == "done"
    assert done.result is not None
    assert done.hand is not None
    with (
        Image.open(pulih.downloads.save(done.result, tmp_path / "out" / "result.jpg")) as result,
        Image.open(pulih.downloads.save(done.hand, tmp_path / "out" / "hand.png")) as kept,
        Image.open(pulih.downloads.save(done.layers["change"], tmp_path / "out" / "change.png")) as change,
    ):
        assert result.size == kept.size == change.size == (128, 160)
        assert kept.tobytes() == marked.tobytes()

    assert pulih.reviews.approve(done, "as it was").decision == "approved"
    with pytest.raises(pulih_client.Conflict):
        pulih.reviews.reject(done)
    weaker = pulih.restorations.wait(pulih.restorations.blend(done.id, 60).id, seconds=300)
    assert weaker.data["strength"] == 60

    pulih.connection.post(f"collections/{album.id}/progress/pause/")
    again = pulih.restorations.redo(done.id, strength=50, thorough=False)
    assert (again.data["strength"], again.hand is not None) == (50, True)
    assert (again.data["quick"], again.data["thorough"]) == (True, False)
    with pytest.raises(pulih_client.StillWaiting):
        pulih.restorations.wait(again.id, seconds=0.2)
    assert pulih.restorations.cancel(again.id).status == "cancelled"
    with pytest.raises(pulih_client.RestorationFailed):
        pulih.restorations.wait(again.id, seconds=300)
    versions = [each.status for each in pulih.restorations.of_photo(photo.id)]
    assert versions == ["cancelled", "done", "done"]


def test_pages_are_fetched_as_they_are_come_to(
    gate: Gate, token: str, album: Collection, tmp_path: Path
) -> None:
    with Client(gate.address, token) as client:
        part = client.collections.create("Part", parent=album.id, level="series", auto_restore=False)
        sent = [client.uploads.send(part.id, photo_file(tmp_path, seed)).id for seed in range(3)]
        gate.asked.clear()
        photos = client.photos.all(part.id, page_size=2)
        assert next(photos).id == sent[2]
        assert len(gate.asked) == 1
        assert [photo.id for photo in photos] == [sent[1], sent[0]]
        assert len(gate.asked) == 2
        found = client.photos.search("portrait-1", album.id, below="true")
        assert [photo.id for photo in found] == [sent[1]]
        (branch,) = [branch for branch in client.collections.tree() if branch.collection.id == album.id]
    assert [below.collection.id for below in branch.below] == [part.id]


def test_refusals_have_their_codes(
    platform: Platform, pulih: Client, album: Collection, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.png"
    letter.write_text("Dear Siti")
    with pytest.raises(pulih_client.ApiError) as refused:
        pulih.uploads.send(album.id, letter)
    assert (refused.value.status, refused.value.code) == (400, "archive:file:not-an-image")
    with Client(platform.address, "of nobody") as client, pytest.raises(pulih_client.NotSignedIn):
        client.me()
    with pytest.raises(pulih_client.NotFound):
        pulih.photos.get("00000000-0000-0000-0000-000000000000")
    nobody = f"http://127.0.0.1:{free_port()}"
    with (
        Client(nobody, "token", patience=Patience(tries=2, first=0.01)) as client,
        pytest.raises(pulih_client.Unreachable, match=nobody),
    ):
        client.me()
    with pytest.raises(pulih_client.Unreachable, match="begins with https"):
        Client("archive.example.org", "token")
