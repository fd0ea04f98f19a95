"""The configuration for nginx of deploy/nginx, run as it stands there by a real nginx."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from archive.files.storage import Area
from archive.models import Photo
from tests import pictures
from tests.factories import PASSWORD, make_collection, make_photo, make_user
from tests.processes import ROOT, free_port, wait_until
from tests.stored import stored_path

pytestmark = pytest.mark.django_db(transaction=True)

CONFIGURATION = ROOT / "deploy" / "nginx" / "pulih.conf"


def documented(live_server: LiveServer, port: int, media_root: Path) -> str:
    """The file's server, at `port`, in front of `live_server`."""
    server = CONFIGURATION.read_text()
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("http://127.0.0.1:8000;", f"{live_server.url};"),
        ("/var/lib/pulih/media/", f"{media_root}/"),
    ):
        assert server.count(written) == 1, written
        server = server.replace(written, here)
    return server


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def front(
    live_server: LiveServer, settings: Settings, media_root: Path, tmp_path: Path
) -> Iterator[httpx.Client]:
    """A client of nginx, which stands in front of Pulih."""
    settings.PULIH_SENDFILE = "X-Accel-Redirect:/protected/"
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert nginx is not None, "nginx has to be installed for this test"
    folder, port = tmp_path / "nginx", free_port()
    folder.mkdir()
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        # Started by root, nginx would read as nobody, who may not look into the test's folders.
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{documented(live_server, port, media_root)}\n}}\n"
    )
    process = subprocess.Popen([nginx, "-c", str(configuration), "-p", str(folder)])
    try:
        wait_until(lambda: listens(port), seconds=20, what=f"nginx listens ({folder}/error.log)")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def content() -> bytes:
    return pictures.jpeg(pictures.portrait(900, 700))


@pytest.fixture
def photo(content: bytes) -> Photo:
    owner = make_user("sri")
    return make_photo(collection=make_collection(owner=owner), content=content, filename="Bibi Sri.jpg")


def sign_in(front: httpx.Client) -> None:
    page = front.get(reverse("sign_in"))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    answer = front.post(
        reverse("sign_in"),
        data={"username": "sri", "password": PASSWORD, "csrfmiddlewaretoken": token[1]},
        headers={"Referer": str(page.url)},
    )
    assert answer.status_code == 302


def test_nginx_sends_what_pulih_allows(front: httpx.Client, photo: Photo, content: bytes) -> None:
    address = reverse("archive:original", args=[photo.pk])
    stored = stored_path(Area.ORIGINALS, photo.original.sha256)
    inside = f"/protected/{stored.relative_to(stored.parents[3]).as_posix()}"
    assert front.get(address).status_code == 302, "a stranger is sent to the door"
    assert front.get(inside).status_code == 404, "and finds no way round it"

    sign_in(front)
    whole = front.get(address)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["Server"].startswith("nginx")
    assert whole.headers["Content-Type"] == "image/jpeg"
    assert whole.headers["Content-Disposition"] == 'attachment; filename="Bibi Sri.jpg"'
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Security-Policy"] == "sandbox"
    assert "private" in whole.headers["Cache-Control"]
    assert "Cookie" in whole.headers["Vary"]
    assert "X-Accel-Redirect" not in whole.headers
    # The proxy has named the request, and Pulih has kept the name.
    assert re.fullmatch("[0-9a-f]{32}", whole.headers["X-Request-ID"])

    part = front.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert front.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    thumbnail = front.get(reverse("archive:rendition", args=[photo.pk, "thumbnail"]))
    assert (thumbnail.status_code, thumbnail.headers["Content-Type"]) == (200, "image/jpeg")
    assert front.get(inside).status_code == 404
