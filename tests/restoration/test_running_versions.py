"""What a worker makes of what was asked for: another strength, a hand, another model; layers, figures,
warnings; and results that are turned down.
"""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from mlcore.checkpoints import save_generator
from mlcore.inference import Page, Restorer
from mlcore.inference.honesty import HEAVIEST_SHARE
from mlcore.networks import build_generator
from restoration.models import Restoration
from restoration.presentation.provenance import facts_about
from restoration.presentation.versions import asked_for
from restoration.running import engine
from restoration.running.loaded_models import describe_weights
from restoration.running.stored_files import LAYERS, Kept, files_of
from restoration.services import request_strength
from restoration.tasks import run_restoration
from tests import pictures
from tests.factories import make_model_version, make_photo, make_restoration
from tests.restoration.conftest import save_untrained
from tests.stored import kept_path, result_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def hand(value: int, rows: slice = slice(None)) -> bytes:
    values = np.zeros((160, 128), np.uint8)
    values[rows] = value
    return pictures.png(Image.fromarray(values))


def run(restoration: Restoration, answer: str = "done") -> Restoration:
    assert run_restoration(str(restoration.pk)) == answer
    restoration.refresh_from_db()
    return restoration


def made(content: bytes | None = None, **asked: object) -> Restoration:
    """A photo (128 by 160 pixels), restored by a worker as asked."""
    photo = make_photo(content=content or pictures.png(pictures.scratched(pictures.portrait())))
    return run(make_restoration(photo=photo, status=QUEUED, **asked))


def blended(base: Restoration, strength: int) -> Restoration:
    return run(request_strength(restoration=base, requested_by=None, strength=strength))


def pixels(path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


def original() -> np.ndarray:
    return np.asarray(pictures.scratched(pictures.portrait())).astype(int)


class TestStrength:
    def test_blending_runs_no_network(self, model_version, monkeypatch):
        base = made()
        monkeypatch.setattr(engine, "load_restorer", None)
        version = blended(base, 50)
        assert (version.repair_sha256, version.model_version) == (base.repair_sha256, model_version)
        halfway = (original() + pixels(result_path(base))) / 2
        assert np.abs(pixels(result_path(version)) - halfway).max() <= 1

    def test_nothing_of_it_is_the_original_and_all_of_it_the_first_result(self, model_version):
        base = made()
        assert (pixels(result_path(blended(base, 0))) == original()).all()
        assert (pixels(result_path(blended(base, 100))) == pixels(result_path(base))).all()

    def test_a_photo_can_be_restored_at_any_strength_at_once(self, model_version):
        full = made()
        half = made(strength=50)
        assert half.repair_sha256 != ""
        assert (pixels(result_path(half)) == pixels(result_path(blended(full, 50)))).all()

    def test_the_report_is_about_the_new_strength_and_the_rest_about_the_repair(
        self, model_version, settings
    ):
        settings.PULIH_INVENTION_PASSES = 2
        base = made()
        version = blended(base, 50)
        before, after = base.change_report, version.change_report
        assert after["mean_change_inside"] == pytest.approx(before["mean_change_inside"] / 2, abs=0.6)
        assert after["max_change_outside"] == 0
        assert (version.share_damaged, version.invention) == (base.share_damaged, base.invention)
        assert version.layers["mask"] == base.layers["mask"]
        assert version.layers["invention"] == base.layers["invention"]
        assert version.layers["change"] != base.layers["change"]

    def test_a_repair_that_decayed_is_not_used(self, model_version):
        base = made()
        kept_path(base, Kept.REPAIR).unlink()
        version = request_strength(restoration=base, requested_by=None, strength=50)
        run(version, "restoration:engine:repair-missing")
        assert (version.status, version.error_code) == (FAILED, "restoration:engine:repair-missing")


class TestHand:
    def test_what_is_protected_stays_as_it_is(self, model_version):
        restoration = made(hand=hand(128, slice(0, 80)))
        changed = (pixels(result_path(restoration)) != original()).any(axis=2)
        assert not changed[:80].any()
        assert changed[80:].any()

    def test_what_is_to_be_repaired_is_repaired(self, model_version):
        photo = pictures.png(pictures.portrait())
        restoration = made(photo, hand=hand(255, slice(40, 60)))
        mask = pixels(kept_path(restoration, Kept.MASK))
        assert (mask[45:55] == 255).all()

    def test_protecting_everything_changes_nothing(self, model_version):
        restoration = made(hand=hand(128))
        assert restoration.change_report["share_changed"] == 0
        assert (restoration.share_damaged, restoration.change_report["level"]) == (0, "none")
        assert (pixels(result_path(restoration)) == original()).all()

    def test_a_hand_that_decayed_is_not_used(self, model_version):
        restoration = make_restoration(status=QUEUED, hand=hand(255))
        kept_path(restoration, Kept.HAND).unlink()
        run(restoration, "restoration:engine:hand-missing")
        assert restoration.error_code == "restoration:engine:hand-missing"


class TestModel:
    def test_the_model_asked_for_is_used_whatever_the_default_is(self, model_version, tmp_path):
        described = describe_weights(save_untrained(tmp_path / "other.safetensors", seed=9))
        other = make_model_version(
            name="other",
            version="1",
            weights_path=str(tmp_path / "other.safetensors"),
            weights_sha256=described.sha256,
        )
        assert made(model_version=other).model_version == other
        assert made().model_version == model_version

    def test_quick_and_thorough_are_passed_on_together(self, model_version, monkeypatch):
        asked = []
        build = Restorer.from_checkpoint

        def slowly(path: object, *, quick: bool, **options: object) -> Restorer:
            asked.append((quick, options["looks"]))
            return build(path, **options)

        monkeypatch.setattr(Restorer, "from_checkpoint", slowly)
        done = [made(quick=quick, thorough=thorough) for quick, thorough in ((True, True), (False, False))]
        assert [(each.quick, each.thorough) for each in done] == [(True, True), (False, False)]
        assert asked == [(True, 8), (False, 1)]

    def test_where_there_is_no_quick_way_the_version_says_that_it_ran_exactly(
        self, model_version, monkeypatch
    ):
        """As on CUDA, where the exact network runs instead."""
        build = Restorer.from_checkpoint

        def exactly(path: object, *, quick: bool, **options: object) -> Restorer:
            assert quick
            return build(path, **options)

        monkeypatch.setattr(Restorer, "from_checkpoint", exactly)
        asked = make_restoration(status=QUEUED, quick=True)
        assert "quick" in asked_for(asked)
        done = run(asked)
        assert done.parameters["quick"] is False
        assert "quick" not in asked_for(done)

    def test_the_device_is_chosen_by_who_restores_and_kept(self, model_version, settings, monkeypatch):
        assert settings.PULIH_DEVICE == "auto"
        asked = []
        monkeypatch.setattr("torch.cuda.is_available", lambda: bool(asked.append("CUDA")))
        waiting = make_restoration(status=QUEUED)
        assert asked == []
        assert run(waiting).parameters["device"] == "cpu"
        assert asked == ["CUDA"]

    def test_a_device_that_is_not_there_is_told(self, model_version, settings, monkeypatch):
        settings.PULIH_DEVICE = "cuda"
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
        run(make_restoration(status=QUEUED), "restoration:model:unsuited")

    def test_thorough_finds_otherwise_and_says_so(self, model_version):
        plain, thorough = made(), made(thorough=True)
        assert (plain.parameters["looks"], thorough.parameters["looks"]) == (1, 8)
        assert thorough.parameters | {"looks": 1} == plain.parameters
        assert thorough.layers["mask"] != plain.layers["mask"]
        assert thorough.result_sha256 != plain.result_sha256
        assert asked_for(thorough) == f"{asked_for(plain)} · thorough"
        assert ("Thorough", "yes") in facts_about(thorough.photo, thorough)
        assert "Thorough" not in dict(facts_about(plain.photo, plain))

    def test_thorough_with_a_network_that_finds_nothing_is_told_as_quick_is(self, tmp_path):
        path = tmp_path / "whole.safetensors"
        network = build_generator("unet_256", base_channels=2)
        save_generator(path, network, {}, name="unet_256")
        make_model_version(weights_path=str(path), weights_sha256=describe_weights(path).sha256)
        for wish in ("quick", "thorough"):
            asked = make_restoration(status=QUEUED, **{wish: True})
            run(asked, "restoration:model:unsuited")
            assert (asked.status, asked.error_code) == (FAILED, "restoration:model:unsuited")

    def test_quick_on_an_engine_that_cannot_is_told(self, model_version):
        restoration = make_restoration(status=QUEUED, quick=True)
        run(restoration, "restoration:model:unsuited")


class TestLayers:
    def test_layers_are_grey_upright_and_of_the_picture_s_proportions(self, model_version, settings):
        settings.PULIH_INVENTION_PASSES = 2
        upright = pictures.scratched(pictures.portrait())
        restoration = made(pictures.rotated_jpeg(6, upright))
        for layer in LAYERS:
            with Image.open(kept_path(restoration, layer)) as image:
                assert (image.format, image.mode, image.size) == ("PNG", "L", upright.size)

    def test_the_change_layer_is_the_change(self, model_version):
        restoration = made()
        change = np.abs(pixels(result_path(restoration)) - original()).max(axis=2)
        assert (pixels(kept_path(restoration, Kept.CHANGE)) == change).all()

    def test_invention_is_measured_where_it_is_asked_for(self, model_version, settings):
        settings.PULIH_INVENTION_PASSES = 2
        restoration = made()
        assert restoration.invention >= 0
        assert Kept.INVENTION in files_of(restoration).kept
        settings.PULIH_INVENTION_PASSES = 0
        assert made().invention is None

    def test_every_figure_of_the_report_is_there(self, model_version):
        restoration = made()
        assert set(restoration.change_report) >= {
            "share_changed",
            "mean_change",
            "max_change",
            "mean_change_inside",
            "max_change_inside",
            "mean_change_outside",
            "max_change_outside",
            "share_damaged",
            "level",
            "seconds",
        }
        assert restoration.share_damaged == restoration.change_report["share_damaged"]
        assert restoration.change_report["max_change_outside"] == 0


class TestGate:
    @pytest.mark.parametrize(
        ("by_turns", "code"),
        [
            ((0.0, np.nan), "restoration:gate:not-a-number"),
            ((-1.0, -1.0), "restoration:gate:black"),
            ((0.97, 0.97), "restoration:gate:mean-shift"),
            # Black and white, together as light as the picture.
            ((-1.0, 1.0), "restoration:gate:clipping"),
        ],
    )
    def test_what_is_no_restoration_is_turned_down_with_its_reason(
        self, model_version, monkeypatch, media_root, by_turns, code
    ):
        def nonsense(self: Restorer, page: Page, sink: Callable, **_: object) -> bool:
            size = (page.height, page.width)
            answer = np.empty((*size, 3), np.float32)
            answer[:, ::2], answer[:, 1::2] = by_turns
            sink(0, answer, np.ones(size, np.float32))
            return True

        monkeypatch.setattr(Restorer, "repair", nonsense)
        restoration = make_restoration(status=QUEUED)
        run(restoration, code)
        assert (restoration.status, restoration.error_code) == (FAILED, code)
        assert restoration.failure_sentence.startswith("The result was rejected: ")
        assert not (media_root / "results").exists()
        assert not (media_root / "layers").exists()
        assert list((media_root / "incoming").iterdir()) == []


class TestShape:
    def test_what_is_too_long_for_any_machine_is_turned_down_with_its_reason(
        self, model_version, monkeypatch
    ):
        monkeypatch.setattr("mlcore.masters.decoding.LONGEST", 159)
        photo = make_photo(content=pictures.png(pictures.portrait()))
        restoration = run(make_restoration(photo=photo, status=QUEUED), "restoration:original:too-long")
        assert restoration.status == FAILED
        assert "longer than can be restored" in restoration.failure_sentence


class TestWarnings:
    def test_what_the_model_was_not_measured_on_is_said(self, model_version):
        restoration = made()
        assert restoration.change_report["level"] != "none"
        assert [warning["code"] for warning in restoration.warnings] == ["not-measured"] + [
            "heavier-than-measured"
        ] * (restoration.share_damaged > HEAVIEST_SHARE)

    def test_the_range_to_expect_is_that_of_the_model_s_own_benchmark(self, model_version):
        measured = {"ssim_low": 0.7, "ssim_high": 0.9, "pictures": 5}
        levels = {level: measured for level in ("light", "medium", "heavy")}
        model_version.benchmark = {"expected": {"sets": {"photographs": levels}}}
        model_version.save()
        restoration = made(hand=hand(255))
        (warning,) = restoration.warnings
        assert warning["code"] == "heavier-than-measured"
        assert (warning["ssim_low"], warning["ssim_high"]) == (0.7, 0.9)
