"""Training runs are followed from their files, by staff alone, and nothing of the machine is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from archive.services import create_api_token
from restoration.registry.training_runs import RunStatus, contact_sheet, training_run, training_runs
from tests.factories import make_user
from tests.html_page import get_page
from tests.training_runs import DATA_FOLDER, write_training_run

LIST = reverse("restoration:training_run_list")


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(make_user(is_staff=True))
    return client


def detail(name: str) -> str:
    return reverse("restoration:training_run_detail", args=[name])


def grow_old(folder: Path, seconds: float) -> None:
    for path in folder.iterdir():
        os.utime(path, (time.time() - seconds,) * 2)


class TestReading:
    def test_how_far_it_is(self, runs_dir: Path) -> None:
        write_training_run(runs_dir / "fill3", epochs=5, done=2)
        run = training_run("fill3")
        assert run is not None
        assert (run.status, run.epoch, run.epochs) == (RunStatus.TRAINING, 2, 5)
        assert run.remaining is not None
        assert run.remaining.total_seconds() == 3 * 90
        assert run.best is not None
        assert (run.best.epoch, run.best.psnr, run.best.ssim) == (2, 26.5, 0.9125)

    def test_a_run_with_all_its_epochs_is_finished_however_old(self, runs_dir: Path) -> None:
        grow_old(write_training_run(runs_dir / "done", epochs=2, done=2), 1_000_000)
        assert [run.status for run in training_runs()] == [RunStatus.FINISHED]

    def test_silence_means_stopped(self, runs_dir: Path) -> None:
        folder = write_training_run(runs_dir / "killed")
        grow_old(folder, 14 * 60)
        assert [run.status for run in training_runs()] == [RunStatus.TRAINING]
        grow_old(folder, 16 * 60)
        assert [run.status for run in training_runs()] == [RunStatus.STOPPED]

    def test_the_newest_comes_first_and_what_is_no_run_is_left_out(self, runs_dir: Path) -> None:
        grow_old(write_training_run(runs_dir / "older"), 60)
        write_training_run(runs_dir / "newer")
        (write_training_run(runs_dir / "broken") / "config.json").write_text("{")
        (runs_dir / "notes").mkdir()
        assert [run.name for run in training_runs()] == ["newer", "older"]

    def test_a_line_that_is_being_written_is_left_out(self, runs_dir: Path) -> None:
        folder = write_training_run(runs_dir / "fill3", done=2)
        with (folder / "log.jsonl").open("a") as log:
            log.write('{"kind": "epoch", "epo')
        run = training_run("fill3")
        assert run is not None
        assert run.epoch == 2

    def test_no_name_leads_out_of_the_folder(self, runs_dir: Path, tmp_path: Path) -> None:
        outside = write_training_run(tmp_path / "outside")
        runs_dir.mkdir()
        (runs_dir / "link").symlink_to(outside)
        assert training_run("../outside") is None
        assert training_run("link") is None
        assert contact_sheet("../outside", 2) is None

    def test_without_the_folder_there_are_none(self, runs_dir: Path) -> None:
        assert training_runs() == []

    def test_neither_torch_nor_matplotlib_is_loaded(self) -> None:
        source = (
            "import django, sys; django.setup(); import restoration.views.training_runs;"
            "print(sorted({'torch', 'matplotlib'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", source],
            cwd=project.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "[]"


class TestPages:
    def test_list_and_run_tell_how_far_it_is(self, runs_dir: Path, staff: Client) -> None:
        write_training_run(runs_dir / "fill3")
        page = get_page(staff, LIST)
        assert "Epoch 2 of 3" in page.one("li", class_="panel").text
        page = get_page(staff, detail("fill3"))
        text = page.one("main").text
        for told in ("In training", "about 1 minute to go", "PSNR 26.50 dB, SSIM 0.9125 after epoch 2"):
            assert told in text
        assert len(page.all("svg", class_="chart__drawing")) == len(page.all("table")) == 4
        assert DATA_FOLDER not in text
        assert str(runs_dir) not in text

    def test_the_page_asks_again_and_is_told_when_nothing_is_new(self, runs_dir: Path, staff: Client) -> None:
        folder = write_training_run(runs_dir / "fill3", done=1)
        again = get_page(staff, detail("fill3")).one(id="run")["hx-get"]
        assert staff.get(again, headers={"HX-Request": "true"}).status_code == 204
        write_training_run(folder, done=2)
        answer = staff.get(again, headers={"HX-Request": "true"})
        assert "Epoch 2 of 3" in answer.content.decode()
        assert "<html" not in answer.content.decode()

    def test_a_run_that_has_ended_is_not_asked_about(self, runs_dir: Path, staff: Client) -> None:
        write_training_run(runs_dir / "done", epochs=2, done=2)
        assert "hx-get" not in get_page(staff, detail("done")).one(id="run").attributes

    def test_contact_sheet_is_shown(self, runs_dir: Path, staff: Client) -> None:
        folder = write_training_run(runs_dir / "fill3")
        (image,) = [each for each in get_page(staff, detail("fill3")).all("img") if "training" in each["src"]]
        answer = staff.get(image["src"])
        assert b"".join(answer) == (folder / "samples" / "epoch-002.png").read_bytes()
        assert staff.get(image["src"].replace("/2/", "/1/")).status_code == 404

    def test_what_is_not_there_is_not_found(self, runs_dir: Path, staff: Client) -> None:
        assert staff.get(detail("nothing")).status_code == 404
        assert "No training run yet" in get_page(staff, LIST).one("main").text


def test_api_tells_staff_the_same(runs_dir: Path, client: Client, db: None) -> None:
    write_training_run(runs_dir / "fill3")
    _token, key = create_api_token(user=make_user(is_staff=True), name="watch", scopes=["read"])
    client.defaults["HTTP_AUTHORIZATION"] = f"Token {key}"
    (run,) = client.get(reverse("api:training-run-list")).json()["results"]
    assert (run["name"], run["status"], run["epoch"], run["best"]["psnr"]) == ("fill3", "training", 2, 26.5)
    answer = client.get(reverse("api:training-run-detail", args=["fill3"]))
    assert [epoch["losses"]["G_L1"] for epoch in answer.json()["log"]] == [0.125, 0.125]
    assert DATA_FOLDER not in json.dumps(answer.json())
    assert client.get(reverse("api:training-run-detail", args=["nothing"])).status_code == 404
