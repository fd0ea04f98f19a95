"""Tiles show what the picture shows, carry nothing else of it, are made once, and go with it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.files.holdings import HELD_AREAS
from archive.files.renditions import open_oriented
from archive.files.storage import Area, StoredFile
from archive.formats.decoding import libvips
from archive.models import Membership, Photo
from archive.services import purge_photo
from archive.zooming import orders
from archive.zooming.orders import TilesState, make_wanted_tiles, wanted_tiles
from archive.zooming.pyramids import OVERLAP, TILE_SIDE, needs_tiles, tiles_file, write_tiles
from archive.zooming.reading import NoSuchTileError, read_descriptor, read_tile
from tests import pictures
from tests.factories import make_collection, make_photo, make_user
from tests.processes import ROOT
from tests.stored import path_of, stored_path, tiles_path

SHA256 = "ab" * 32


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What was put on the queue."""
    messages: list[tuple[str, ...]] = []
    monkeypatch.setattr(orders, "async_task", lambda *args, **options: messages.append(args))
    return messages


@pytest.fixture
def photo(db: None, media_root: Path) -> Photo:
    collection = make_collection(members={make_user("looker"): Membership.Role.VIEWER})
    return make_photo(collection=collection, content=pictures.jpeg(pictures.portrait(600, 700)))


def source_of(photo: Photo) -> StoredFile:
    return StoredFile(Area.ORIGINALS, photo.original.sha256)


def put_together(tiles: StoredFile, level: int, width: int, height: int) -> Image.Image:
    """The whole picture out of the tiles of one level."""
    whole = Image.new("RGB", (width, height))
    for top in range(0, height, TILE_SIDE):
        for left in range(0, width, TILE_SIDE):
            tile = read_tile(tiles, level=level, column=left // TILE_SIDE, row=top // TILE_SIDE)
            with Image.open(io.BytesIO(tile)) as image:
                whole.paste(image, (max(0, left - OVERLAP), max(0, top - OVERLAP)))
    return whole


@pytest.mark.parametrize(
    "content",
    [
        pictures.rotated_jpeg(6, pictures.portrait(700, 900)),
        pictures.rotated_jpeg(2, pictures.portrait(700, 900)),
        pictures.grey16_tiff(700, 300),
        pictures.cmyk_jpeg(),
        pictures.lab_tiff(),
        pictures.transparent_png(),
    ],
    ids=["turned", "mirrored", "16-bit tiff", "cmyk", "lab", "transparent"],
)
def test_tiles_show_the_picture_upright_in_srgb(media_root: Path, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "source"
    source.write_bytes(content)
    shown = open_oriented(source)
    tiles = write_tiles(source, SHA256)
    size = ElementTree.fromstring(read_descriptor(tiles))[0].attrib
    assert (int(size["Width"]), int(size["Height"])) == shown.size
    full = (max(shown.size) - 1).bit_length()
    whole = put_together(tiles, full, *shown.size)
    assert np.abs(np.asarray(whole, float) - np.asarray(shown, float)).mean() < 3
    with Image.open(io.BytesIO(read_tile(tiles, level=0, column=0, row=0))) as smallest:
        assert smallest.size == (1, 1)
    with pytest.raises(NoSuchTileError):
        read_tile(tiles, level=full + 1, column=0, row=0)


def test_tiles_carry_nothing_but_looks(media_root: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Grandmother at home, 12 Elm Street"
    source = tmp_path / "source"
    source.write_bytes(pictures.jpeg(exif=exif, comment=b"Elm Street"))
    assert b"Elm Street" in source.read_bytes()
    assert b"Elm Street" not in path_of(write_tiles(source, SHA256)).read_bytes()


def test_tiles_made_again_replace_the_old_ones_and_leave_no_drafts(media_root: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for size in ((64, 48), (32, 48)):
        source.write_bytes(pictures.png(Image.new("RGB", size)))
        tiles = write_tiles(source, SHA256)
        assert f'Width="{size[0]}"'.encode() in read_descriptor(tiles)
    assert [each for each in media_root.rglob("*") if each.is_file()] == [path_of(tiles)]
    assert Area.TILES not in HELD_AREAS


@pytest.mark.parametrize("orientation", [1, 6])
def test_memory_does_not_grow_with_the_picture(tmp_path: Path, orientation: int) -> None:
    """24 megapixels are 72 MB; all that is looked at is how far a process of its own grows."""
    pyvips = libvips()
    for name, side in (("small", 400), ("large", 4900)):
        image = pyvips.Image.black(side, side, bands=3).copy(interpretation="srgb")
        image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
        image.jpegsave(str(tmp_path / name))
    script = (
        "import sys, resource, django; django.setup()\n"
        "from pathlib import Path\n"
        "from archive.zooming.pyramids import write_tiles\n"
        "small, large = map(Path, sys.argv[1:])\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "write_tiles(small, 'ab' * 32)\n"
        "before = peak()\n"
        "write_tiles(large, 'cd' * 32)\n"
        "print(peak() - before)\n"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PULIH_VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-c", script, str(tmp_path / "small"), str(tmp_path / "large")]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | settings, cwd=ROOT
    )
    assert int(told.stdout) < 65


def test_only_pictures_larger_than_what_pages_show_need_tiles() -> None:
    assert needs_tiles(1601, 20)
    assert not needs_tiles(1600, 1600)


class TestAsking:
    def test_who_looks_first_has_the_tiles_made_once(
        self, photo: Photo, asked: list[tuple[str, ...]]
    ) -> None:
        source = source_of(photo)
        assert [wanted_tiles(source) for _look in range(3)] == [TilesState.WAITING] * 3
        assert asked == [(orders.MAKE_TILES, "originals", source.sha256, "", 1)]
        assert make_wanted_tiles(source) is TilesState.READY
        made = tiles_path(source.sha256).stat().st_ino
        assert make_wanted_tiles(source) is wanted_tiles(source) is TilesState.READY
        assert tiles_path(source.sha256).stat().st_ino == made
        assert len(asked) == 1

    def test_a_queue_that_lost_the_message_is_asked_again(
        self, photo: Photo, asked: list[tuple[str, ...]]
    ) -> None:
        wanted_tiles(source_of(photo))
        note = stored_path(Area.TILES, photo.original.sha256, ".wanted")
        long_ago = time.time() - 3600
        os.utime(note, (long_ago, long_ago))
        wanted_tiles(source_of(photo))
        assert len(asked) == 2

    def test_what_cannot_be_made_is_not_tried_at_every_look(
        self, photo: Photo, asked: list[tuple[str, ...]]
    ) -> None:
        path_of(source_of(photo)).unlink()
        assert wanted_tiles(source_of(photo)) is TilesState.WAITING
        assert make_wanted_tiles(source_of(photo)) is TilesState.FAILED
        assert wanted_tiles(source_of(photo)) is TilesState.FAILED
        assert len(asked) == 1

    def test_a_picture_removed_meanwhile_leaves_no_tiles(
        self, photo: Photo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def removed_meanwhile(path: Path, sha256: str, *, page: int) -> None:
            write_tiles(path, sha256, page=page)
            path.unlink()

        monkeypatch.setattr(orders, "write_tiles", removed_meanwhile)
        make_wanted_tiles(source_of(photo))
        assert not tiles_path(photo.original.sha256).exists()


class TestAddresses:
    def test_descriptor_waits_for_its_tiles(
        self, client: Client, photo: Photo, asked: list[tuple[str, ...]]
    ) -> None:
        client.force_login(User.objects.get(username="looker"))
        address = reverse("archive:zoom", args=[photo.pk])
        waiting = client.get(address)
        assert (waiting.status_code, waiting["Retry-After"]) == (202, "2")
        assert "no-store" in waiting["Cache-Control"]
        make_wanted_tiles(source_of(photo))
        ready = client.get(address)
        assert ready.status_code == 200
        assert b'Width="600"' in ready.content

    def test_tile_is_kept_by_this_browser_for_this_person(self, client: Client, photo: Photo) -> None:
        client.force_login(User.objects.get(username="looker"))
        make_wanted_tiles(source_of(photo))
        address = reverse("archive:zoom_tile", args=[photo.pk, 10, 1, 1])
        assert address.endswith("zoom_files/10/1_1.jpg")
        tile = client.get(address)
        assert (tile.status_code, tile["Content-Type"]) == (200, "image/jpeg")
        assert {"private", "immutable"} <= set(tile["Cache-Control"].split(", "))
        assert "Cookie" in tile["Vary"]
        with Image.open(io.BytesIO(tile.content)) as image:
            assert image.size == (600 - TILE_SIDE + OVERLAP, 700 - TILE_SIDE + OVERLAP)
        assert client.get(address, headers={"If-None-Match": tile["ETag"]}).status_code == 304
        assert client.get(reverse("archive:zoom_tile", args=[photo.pk, 10, 2, 0])).status_code == 404

    def test_strangers_and_guests_find_nothing(self, client: Client, photo: Photo) -> None:
        make_wanted_tiles(source_of(photo))
        guest = [reverse("archive:guest_zoom", args=[photo.pk])]
        guest += [reverse("archive:guest_zoom_tile", args=[photo.pk, 10, 0, 0])]
        assert [client.get(address).status_code for address in guest] == [404, 404]
        client.force_login(make_user())
        member = [reverse("archive:zoom", args=[photo.pk])]
        member += [reverse("archive:zoom_tile", args=[photo.pk, 10, 0, 0])]
        assert [client.get(address).status_code for address in member] == [404, 404]


def test_tiles_go_with_their_picture(photo: Photo, django_capture_on_commit_callbacks) -> None:
    make_wanted_tiles(source_of(photo))
    tiles = tiles_path(photo.original.sha256)
    assert tiles.exists()
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=photo)
    assert not tiles.exists()


class TestCommand:
    def test_makes_what_is_missing_and_needed(self, photo: Photo, capsys: pytest.CaptureFixture[str]) -> None:
        large = make_photo(
            collection=photo.collection, content=pictures.jpeg(Image.new("RGB", (1700, 40), "teal"))
        )
        call_command("zoom_tiles", "make")
        assert capsys.readouterr().out == "1 made, 0 failed\n"
        assert tiles_path(large.original.sha256).exists()
        assert not tiles_path(photo.original.sha256).exists()

    def test_remakes_what_there_is(self, photo: Photo, capsys: pytest.CaptureFixture[str]) -> None:
        make_wanted_tiles(source_of(photo))
        tiles = tiles_path(photo.original.sha256)
        tiles.chmod(0o644)
        tiles.write_bytes(b"of an older kind")
        call_command("zoom_tiles", "remake")
        assert capsys.readouterr().out == "1 made, 0 failed\n"
        assert b'Width="600"' in read_descriptor(tiles_file(photo.original.sha256))

    def test_prunes_strangers_and_what_nobody_looks_at(
        self, photo: Photo, capsys: pytest.CaptureFixture[str]
    ) -> None:
        make_wanted_tiles(source_of(photo))
        tiles = tiles_path(photo.original.sha256)
        stranger = write_tiles(path_of(source_of(photo)), SHA256)
        call_command("zoom_tiles", "prune", "--unused-days", "30")
        assert capsys.readouterr().out.startswith("1 removed")
        assert (tiles.exists(), stranger.exists()) == (True, False)
        last_year = time.time() - 365 * 24 * 3600
        os.utime(tiles, (last_year, last_year))
        call_command("zoom_tiles", "prune")
        assert tiles.exists()
        call_command("zoom_tiles", "prune", "--unused-days", "30")
        assert not tiles.exists()

    def test_looking_counts_as_use(self, photo: Photo) -> None:
        make_wanted_tiles(source_of(photo))
        tiles = tiles_path(photo.original.sha256)
        last_year = time.time() - 365 * 24 * 3600
        os.utime(tiles, (last_year, last_year))
        wanted_tiles(source_of(photo))
        call_command("zoom_tiles", "prune", "--unused-days", "30")
        assert tiles.exists()
