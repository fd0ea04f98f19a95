"""The command `pulih` as people run it: a process of its own, killed, run again, at a running platform."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulih_client import Client, token_for

from benchmarks.resumable_upload import make_scan
from tests import pictures
from tests.journeys.gate import Gate, StallAfter, gate_before
from tests.journeys.platform import Platform
from tests.processes import free_port

COMMAND = [sys.executable, "-m", "pulih_client"]


@pytest.fixture(scope="module")
def token(platform: Platform) -> str:
    return token_for(platform.address, platform.username, platform.password)


@pytest.fixture
def gate(platform: Platform) -> Iterator[Gate]:
    with gate_before(platform.address) as gate:
        yield gate


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has never signed in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULIH_", "XDG_"))}
    return kept | {"HOME": str(tmp_path / "home")}


def pulih(home: dict[str, str], *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=home | environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def jpeg(seed: int) -> bytes:
    return pictures.jpeg(pictures.scratched(pictures.portrait(seed=seed), seed=seed))


def test_killed_in_the_middle_of_a_file_the_next_run_goes_on_there(
    platform: Platform, gate: Gate, token: str, home: dict[str, str], tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "a.jpg").write_bytes(jpeg(20))
    make_scan(scans / "b.tif", 10)
    size = (scans / "b.tif").stat().st_size
    with Client(platform.address, token) as client:
        album = client.collections.create("Killed", auto_restore=False)

    signed_in = {"PULIH_ADDRESS": gate.address, "PULIH_TOKEN": token}
    told = tmp_path / "told.txt"
    upload = ["upload", str(scans), "--collection", album.id]
    # Me, the collections, what is there, a.jpg, the place for b.tif, how much of it there is: then the part.
    gate.tricks += [None] * 6 + [StallAfter(3_000_000)]
    with told.open("w") as output:
        first = subprocess.Popen([*COMMAND, *upload], env=home | signed_in, stdout=output)
        try:
            assert gate.stalled.wait(60), gate.asked
        finally:
            first.kill()
            first.wait()
        gate.sender_gone.set()
    assert told.read_text() == f"a.jpg: sent ({(scans / 'a.jpg').stat().st_size / 1000:.1f} kB)\n"

    gate.asked.clear()
    again = pulih(home, *upload, **signed_in)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines()[-1] == "1 sent to “Killed”, 1 there already, 0 failed."
    offsets = [int(headers["upload-offset"]) for method, _path, headers in gate.asked if method == "PATCH"]
    assert 0 < offsets[0] <= 3_100_000
    assert gate.count("POST", "/uploads/") == 0
    with Client(platform.address, token) as client:
        kept = {photo.filename: photo.original.byte_size for photo in client.photos.all(album.id)}
    assert kept == {"a.jpg": (scans / "a.jpg").stat().st_size, "b.tif": size}

    gate.asked.clear()
    third = pulih(home, *upload, **signed_in)
    assert third.stdout == "0 sent to “Killed”, 2 there already, 0 failed.\n"
    assert {method for method, _path, _headers in gate.asked} == {"GET"}


def test_a_folder_goes_out_and_comes_back_restored_and_nothing_is_written_over(
    platform: Platform, home: dict[str, str], tmp_path: Path
) -> None:
    scans, out = tmp_path / "scans", tmp_path / "out"
    (scans / "box 1").mkdir(parents=True)
    (scans / "torn.jpg").write_bytes(jpeg(21))
    (scans / "box 1" / "torn.jpg").write_bytes(jpeg(22))
    (scans / "letter.txt").write_text("Dear Siti")
    (scans / "broken.png").write_text("Dear Siti")
    out.mkdir()
    (out / "torn-restored.jpg").write_text("of somebody else")

    signed = pulih(home, "login", platform.address, "--user", platform.username, PULIH_PASSWORD="wrong")
    assert signed.returncode == 1
    signed = pulih(
        home, "login", platform.address, "--user", platform.username, PULIH_PASSWORD=platform.password
    )
    assert signed.returncode == 0, signed.stderr
    (kept,) = Path(home["HOME"]).rglob("login.json")
    assert kept.stat().st_mode & 0o077 == 0

    arguments = ["upload", scans, "--collection", "Round trip", "--wait", "--download", out]
    done = pulih(home, *arguments)
    assert done.returncode == 1
    assert "broken.png: The file is not a JPEG, PNG, TIFF, WebP or BMP picture." in done.stderr
    assert done.stdout.splitlines()[-1] == (
        "2 sent to “Round trip”, 0 there already, 2 restored, 1 failed, 1 no pictures."
    )
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert files.pop("torn-restored.jpg") == b"of somebody else"
    assert "box 1/torn-restored.jpg" in files
    assert len(files) == 2

    (scans / "broken.png").unlink()
    again = pulih(home, *arguments)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[-1] == (
        "0 sent to “Round trip”, 2 there already, 2 restored, 0 failed, 1 no pictures."
    )
    assert len([path for path in out.rglob("*") if path.is_file()]) == 3

    listed = pulih(home, "collections").stdout
    assert "Round trip  (2 photos, owner)" in listed
    told = pulih(home, "status", "Round trip").stdout
    assert told.startswith("Round trip: 2 photos: 2 restored, 0 reviewed, 0 running, 0 waiting, 0 failed")
    assert pulih(home, "status", "No such").returncode == 1
    pulih(home, "logout")
    assert pulih(home, "status").returncode == 3


def test_exit_codes_tell_what_kind_of_failure_it_was(platform: Platform, home: dict[str, str]) -> None:
    assert pulih(home, "collections").returncode == 3
    wrong = {"PULIH_ADDRESS": platform.address, "PULIH_TOKEN": "of-nobody"}
    refused = pulih(home, "collections", **wrong)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "unknown, revoked or past its end" in refused.stderr
    nobody = {"PULIH_ADDRESS": f"http://127.0.0.1:{free_port()}", "PULIH_TOKEN": "any"}
    silent = pulih(home, "collections", **nobody)
    assert silent.returncode == 4
    assert "does not answer" in silent.stderr
    assert pulih(home, "upload").returncode == 2
