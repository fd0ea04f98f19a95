"""Pages of imports: what came in, what did not and why."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Collection, ImportItem, ImportRun
from archive.queue.ingest_tasks import continue_import
from archive.services import add_member, begin_import, upload_zip
from tests import pictures
from tests.archive.zips import zipped
from tests.factories import make_collection, make_user
from tests.html_page import get_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return make_user()


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator, title="Glass plates")


@pytest.fixture
def signed_in(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


@pytest.fixture
def run(collection: Collection) -> ImportRun:
    content = zipped({"Box/one.png": pictures.png(), "Box/=cmd.jpg": b"no picture", "Box/list.txt": b"1931"})
    upload = upload_zip(
        collection=collection,
        uploaded_by=collection.owner,
        file=SimpleUploadedFile("box.zip", content),
        filename="box.zip",
    )
    assert upload.import_run is not None
    continue_import(str(upload.import_run.pk))
    return upload.import_run


def test_list_names_the_import_and_counts(signed_in: Client, collection: Collection, run: ImportRun) -> None:
    page = get_page(signed_in, reverse("archive:import_list", args=[collection.pk]))
    entry = page.one(class_="imports__run")
    assert "box.zip" in entry.text
    assert "1 taken in, 0 there already, 1 refused, 1 passed over" in entry.text


def test_an_empty_list_says_how_to_begin(signed_in: Client, collection: Collection) -> None:
    page = get_page(signed_in, reverse("archive:import_list", args=[collection.pk]))
    assert "No imports yet" in page.one(class_="empty").text


def test_every_file_stands_there_with_its_outcome(signed_in: Client, run: ImportRun) -> None:
    page = get_page(signed_in, reverse("archive:import_detail", args=[run.pk]))
    assert len(page.all(class_="imports__item")) == 3
    refused = page.one(class_="imports__item--refused")
    assert "not a JPEG, PNG, TIFF, WebP or BMP picture" in refused.text
    photo = ImportItem.objects.get(outcome="taken").photo
    assert photo is not None
    assert page.one("a", href=reverse("restoration:photo_detail", args=[photo.pk])).text == "Box/one.png"
    assert "hx-get" not in page.one(id="import-progress").attributes


def test_one_outcome_alone(signed_in: Client, run: ImportRun) -> None:
    page = get_page(signed_in, f"{reverse('archive:import_detail', args=[run.pk])}?outcome=passed-over")
    assert [item.text.split()[0] for item in page.all(class_="imports__item")] == ["Box/list.txt"]


def test_refused_files_can_be_saved(signed_in: Client, run: ImportRun) -> None:
    response = signed_in.get(reverse("archive:import_refusals", args=[run.pk]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert response["Content-Disposition"] == 'attachment; filename="refused.csv"'
    assert [line.split(",")[0] for line in lines] == ["path", "Box/=cmd.jpg", "Box/list.txt"]


def test_a_running_import_is_followed_until_its_end(signed_in: Client, collection: Collection) -> None:
    run = begin_import(
        collection=collection,
        started_by=collection.owner,
        source=ImportRun.Source.FOLDER,
        name="scans",
        total=2,
    )
    page = get_page(signed_in, reverse("archive:import_detail", args=[run.pk]))
    assert page.one(id="import-progress")["hx-get"].startswith(
        reverse("archive:import_progress", args=[run.pk])
    )
    assert signed_in.get(reverse("archive:import_progress", args=[run.pk])).status_code == 200
    ImportRun.objects.update(state=ImportRun.State.DONE)
    # The status by which htmx learns that there is nothing more to come.
    assert signed_in.get(reverse("archive:import_progress", args=[run.pk])).status_code == 286


def test_only_curators_see_imports(client: Client, collection: Collection, run: ImportRun) -> None:
    viewer = make_user()
    add_member(collection=collection, user=viewer, role=Role.VIEWER)
    client.force_login(viewer)
    assert client.get(reverse("archive:import_list", args=[collection.pk])).status_code == 403
    assert client.get(reverse("archive:import_detail", args=[run.pk])).status_code == 404
    assert client.get(reverse("api:import-detail", args=[run.pk])).status_code == 404


def test_the_api_tells_the_same(signed_in: Client, collection: Collection, run: ImportRun) -> None:
    (listed,) = signed_in.get(reverse("api:collection-imports", args=[collection.pk])).json()["results"]
    shown = signed_in.get(reverse("api:import-detail", args=[run.pk])).json()
    assert listed == shown
    assert (shown["state"], shown["taken"], shown["refused"], shown["passed_over"]) == ("done", 1, 1, 1)
    items = signed_in.get(reverse("api:import-items", args=[run.pk]), {"outcome": "refused"}).json()[
        "results"
    ]
    assert [(item["path"], item["code"]) for item in items] == [("Box/=cmd.jpg", "archive:file:not-an-image")]
