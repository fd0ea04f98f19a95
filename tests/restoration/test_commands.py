"""register_model and create_demo through the front door."""

import io
import json
from functools import cache
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from archive.files.storage import Area, sha256_of
from archive.models import Collection, Photo
from archive.services import purge_photo
from restoration.management.commands import create_demo
from restoration.models import ModelVersion, Restoration
from restoration.registry import registration
from restoration.registry.figures import figures_of
from restoration.services import request_restoration, sample_collections
from restoration.tasks import run_restoration
from tests.benchmarks import record
from tests.restoration.conftest import NETWORK, OPTIONS, save_untrained
from tests.stored import stored_path

pytestmark = pytest.mark.django_db


def run(*arguments: object, **options: object) -> tuple[str, str]:
    """What the command wrote: to stdout, to stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*[str(argument) for argument in arguments], stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


class TestRegisterModel:
    def test_name_version_and_architecture_come_from_the_file(self, weights):
        out, _err = run("register_model", weights)
        row = ModelVersion.objects.get()
        assert (row.name, row.version) == ("untrained", sha256_of(weights)[:12])
        assert row.architecture["generator"] == NETWORK
        assert row.architecture["options"].items() >= OPTIONS.items()
        parts = dict(row.architecture["parameters"])
        assert parts.pop("total") == sum(parts.values()) > 1000
        assert (row.benchmark, row.training_log, row.card) == ({}, [], "")
        assert (row.weights_sha256, row.weights_file, row.is_default) == (sha256_of(weights), weights, True)
        assert out == f"{row} ({row.weights_sha256}) is registered, the default of new restorations.\n"

    def test_a_file_inside_the_project_is_kept_by_its_relative_path(self, weights, settings):
        settings.BASE_DIR = weights.parent.parent
        run("register_model", weights)
        assert ModelVersion.objects.get().weights_path == f"{weights.parent.name}/{weights.name}"

    def test_a_second_model_is_not_the_default(self, weights, tmp_path):
        run("register_model", weights)
        second = save_untrained(tmp_path / "second.safetensors", seed=2)
        out, _err = run("register_model", second, "--name", "faces", "--ver", "2")
        assert out.endswith("is registered, not the default.\n")
        assert ModelVersion.objects.get(name="faces", version="2").is_default is False

    @pytest.mark.parametrize(
        ("content", "message"),
        [(None, "weights file is missing"), (b"not weights", "weights file cannot be read")],
    )
    def test_what_is_no_weights_file_is_refused(self, tmp_path, content, message):
        path = tmp_path / "model.safetensors"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(CommandError, match=message):
            run("register_model", path)
        assert ModelVersion.objects.count() == 0


damaged_once = cache(sample_collections.damaged_picture)


class TestCreateDemo:
    @pytest.fixture(autouse=True)
    def shipped(self, tmp_path, monkeypatch, settings) -> Path:
        """An untrained model stands in for the shipped one, in a var folder of this test's own."""
        settings.VAR_DIR = tmp_path
        (tmp_path / "shipped").mkdir()
        path = save_untrained(tmp_path / "shipped" / "shipped.safetensors")
        monkeypatch.setattr(create_demo, "shipped_weights", lambda: path)
        monkeypatch.setattr(registration, "shipped_weights", lambda: path)
        # The real pictures, but damaged once for all tests.
        monkeypatch.setattr(sample_collections, "damaged_picture", damaged_once)
        return path

    def test_a_newcomer_can_sign_in_and_watch(self):
        out, err = run("create_demo")
        assert err == ""
        assert out.startswith("Sign in as demo (curator) or demo-reviewer (reviewer).\nPassword: ")
        password = out.splitlines()[1].removeprefix("Password: ")
        assert len(password) >= 12
        assert all(
            User.objects.get(username=name).check_password(password) for name in ("demo", "demo-reviewer")
        )
        collection = Collection.objects.get()
        assert collection.photos.count() == Restoration.objects.filter(status="queued").count() == 6
        roles = dict(collection.memberships.values_list("user__username", "role"))
        assert roles == {"demo": "owner", "demo-reviewer": "reviewer"}

    def test_running_it_again_changes_nothing(self):
        first, _err = run("create_demo")
        before = [model.objects.count() for model in (User, Collection, Photo, Restoration, ModelVersion)]
        second, _err = run("create_demo")
        assert second == first
        assert before == [m.objects.count() for m in (User, Collection, Photo, Restoration, ModelVersion)]

    def test_the_grey_picture_is_grey_and_a_restoration_of_it_too(self):
        run("create_demo")
        restoration = Restoration.objects.get(photo__filename="camera-medium.png")
        with Image.open(stored_path(Area.ORIGINALS, restoration.original_sha256)) as original:
            assert original.mode == "L"
        assert run_restoration(str(restoration.id)) == "done"
        restoration.refresh_from_db()
        with Image.open(stored_path(Area.RESULTS, restoration.result_sha256, ".png")) as result:
            assert (result.mode, result.size) == ("L", (512, 512))

    def test_the_same_pictures_are_damaged_alike_everywhere(self):
        again = damaged_once.__wrapped__("chelsea", "medium")
        assert damaged_once("chelsea", "medium") == again

    def test_a_password_can_be_chosen(self, settings, tmp_path):
        settings.PULIH_DEMO_PASSWORD = "a long walk home"
        out, _err = run("create_demo")
        assert "Password: a long walk home\n" in out
        assert not (tmp_path / "demo-password").exists()

    def test_a_password_changed_since_is_left_alone_and_not_told(self):
        run("create_demo")
        demo = User.objects.get(username="demo")
        demo.set_password("another")
        demo.save()
        out, _err = run("create_demo")
        assert "Password: the one that you have set since\n" in out
        demo.refresh_from_db()
        assert demo.check_password("another")

    def test_the_drawn_password_can_be_read_by_its_owner_only(self, tmp_path):
        run("create_demo")
        assert (tmp_path / "demo-password").stat().st_mode & 0o777 == 0o600

    def test_a_photo_that_somebody_deleted_does_not_come_back(self):
        run("create_demo")
        photo = Photo.objects.get(filename="coffee-heavy.png")
        purge_photo(photo=photo, actor=photo.uploaded_by)
        run("create_demo")
        assert not Photo.objects.filter(filename="coffee-heavy.png").exists()

    def test_an_interrupted_run_is_completed_by_the_next(self, monkeypatch):
        with monkeypatch.context() as interrupted:
            pictures = sample_collections.COLLECTION_PICTURES[:2]
            interrupted.setattr(sample_collections, "COLLECTION_PICTURES", pictures)
            run("create_demo")
        run("create_demo")
        assert (Collection.objects.count(), Photo.objects.count()) == (1, 6)

    def test_a_new_file_in_the_same_place_takes_over(self, shipped):
        run("create_demo")
        save_untrained(shipped, seed=2)
        run("create_demo")
        assert ModelVersion.objects.default().get().weights_sha256 == sha256_of(shipped)
        assert ModelVersion.objects.count() == 2
        promotion = ModelVersion.objects.default().get().promotions.get()
        assert (promotion.forced, promotion.promoted_by) == (True, None)
        assert promotion.reason.endswith("is gone; this is the model that Pulih ships.")

    def test_a_successor_takes_over_from_a_file_that_is_gone(self, shipped, monkeypatch):
        run("create_demo")
        successor = save_untrained(shipped.with_name("next.safetensors"), seed=5)
        monkeypatch.setattr(registration, "shipped_weights", lambda: successor)
        run("create_demo")
        assert ModelVersion.objects.default().get().weights_sha256 == sha256_of(shipped)
        shipped.unlink()
        run("create_demo")
        assert ModelVersion.objects.default().get().weights_sha256 == sha256_of(successor)

    def test_what_lies_beside_the_weights_is_registered_with_them(self, shipped):
        run("create_demo")
        assert ModelVersion.objects.get().card == ""
        shipped.with_suffix(".md").write_text("# Ours")
        shipped.with_suffix(".json").write_text(json.dumps(record(sha256_of(shipped))))
        shipped.with_suffix(".jsonl").write_text('{"kind": "epoch", "epoch": 1, "losses": {"G_L1": 0.5}}\n')
        run("create_demo")
        row = ModelVersion.objects.get()
        assert (row.card, row.training_log[0]["losses"]) == ("# Ours", {"G_L1": 0.5})
        assert figures_of(row.benchmark)["heavy"]["psnr"].mean == 25.0

    def test_a_model_promoted_by_somebody_stays(self, weights, tmp_path):
        other = save_untrained(tmp_path / "ours.safetensors", seed=3)
        run("register_model", other)
        run("create_demo")
        assert ModelVersion.objects.default().get().weights_sha256 == sha256_of(other)

    def test_a_missing_model_is_told_and_the_rest_made(self, shipped):
        shipped.unlink()
        _out, err = run("create_demo")
        assert "is missing: restorations will fail until it is there." in err
        assert Photo.objects.count() == 6
        failed = Restoration.objects.order_by("requested_at").first()
        assert run_restoration(str(failed.id)) == "restoration:model:none"
        assert request_restoration(photo=failed.photo, requested_by=None).status == "queued"
