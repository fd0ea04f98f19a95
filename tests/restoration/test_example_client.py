"""The example client against a live server and worker processes: the whole journey over REST."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from tests import pictures
from tests.processes import ROOT, Installation, free_port, wait_for_answer

PASSWORD = "a long walk home"


@pytest.fixture(scope="module")
def platform(tmp_path_factory, weights):
    """Web server and worker with the untrained model; `siti` may sign in. Gives address and installation."""
    installation = Installation(
        tmp_path_factory.mktemp("var"), DJANGO_SUPERUSER_PASSWORD=PASSWORD, PULIH_TORCH_THREADS="1"
    )
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("createsuperuser", "--noinput", "--username", "siti", "--email", "")
    installation.manage("register_model", str(weights))
    port = free_port()
    log = installation.start("-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "config.wsgi:application")
    installation.start("manage.py", "qcluster")
    found = f"http://127.0.0.1:{port}"

    try:
        wait_for_answer(f"{found}/api/v1/schema/", log)
        yield found, installation
    finally:
        installation.stop()


def client(address, *arguments, password=PASSWORD):
    return subprocess.run(
        [sys.executable, "examples/restore_over_api.py", address, "--user", "siti", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PULIH_PASSWORD": password},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_two_photos_come_back_restored_and_a_bad_file_is_named(platform, tmp_path):
    address, installation = platform
    photo, grey, bad = tmp_path / "torn.jpg", tmp_path / "Nének.png", tmp_path / "letter.txt"
    photo.write_bytes(pictures.jpeg(pictures.scratched(pictures.portrait())))
    grey.write_bytes(pictures.png(pictures.portrait().convert("L")))
    bad.write_text("Dear Siti")
    out = tmp_path / "restored"
    done = client(address, "--collection", "Album 3", "--out", out, "--approve", photo, bad, grey)
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert (
        f"{bad}: The file is not a JPEG, PNG, TIFF, WebP or BMP picture. (archive:file:not-an-image)" in told
    )
    # The untrained model was measured on nothing, of which the client warns.
    assert [line for line in told if "measured" not in line] == [line for line in told if str(bad) in line]
    assert done.stdout.splitlines() == [
        f"{photo} -> {out / 'torn-restored.jpg'}",
        f"{grey} -> {out / 'Nének-restored.png'}",
    ]
    with Image.open(out / "torn-restored.jpg") as colour, Image.open(out / "Nének-restored.png") as one:
        assert (colour.mode, colour.size) == ("RGB", (128, 160))
        assert (one.mode, one.size) == ("L", (128, 160))
    assert installation.rows(
        "SELECT filename, status, review_state FROM restoration_restoration r"
        " JOIN archive_photo p ON p.id = r.photo_id ORDER BY filename"
    ) == [("Nének.png", "done", "approved"), ("torn.jpg", "done", "approved")]


def test_a_hand_and_a_strength_make_versions_of_their_own(platform, tmp_path):
    address, installation = platform
    photo, hand = tmp_path / "letter.png", tmp_path / "hand.png"
    photo.write_bytes(pictures.png(pictures.scratched(pictures.portrait(seed=5))))
    marked = Image.new("L", (128, 160), 0)
    marked.paste(255, (0, 0, 40, 40))
    hand.write_bytes(pictures.png(marked))
    out = tmp_path / "restored"
    done = client(address, "--collection", "Hands", "--out", out, "--hand", hand, "--strength", "60", photo)
    assert (done.returncode, done.stdout) == (0, f"{photo} -> {out / 'letter-restored.png'}\n")
    rows = installation.rows(
        "SELECT strength, hand_sha256 <> '', based_on_id IS NOT NULL FROM restoration_restoration r"
        " JOIN archive_photo p ON p.id = r.photo_id WHERE p.filename = 'letter.png' ORDER BY requested_at"
    )
    assert rows == [(100, False, False), (100, True, False), (60, True, True)]


def test_a_wrong_password_is_told(platform, tmp_path):
    address, _installation = platform
    photo = tmp_path / "photo.png"
    photo.write_bytes(pictures.png())
    done = client(address, "--collection", "A", photo, password="wrong")
    assert (done.returncode, done.stdout) == (1, "")
    assert "(invalid)" in done.stderr


def test_an_address_where_nobody_answers_is_told(tmp_path):
    photo = tmp_path / "photo.png"
    photo.write_bytes(pictures.png())
    done = client(f"http://127.0.0.1:{free_port()}", "--collection", "A", photo)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Connection refused" in done.stderr
