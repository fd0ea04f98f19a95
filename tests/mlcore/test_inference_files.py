"""A file in, a file out: what is undamaged stays bit for bit, what is said of it is true, bytes repeat."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from torch import Tensor

from mlcore.errors import HonestyError
from mlcore.images import save_png
from mlcore.inference import Hand, Restorer, render_file
from mlcore.inference.engines import TorchEngine
from mlcore.masters import Marking, MasterError
from mlcore.masters.found import ResultFormat
from mlcore.networks import Generator, GeneratorOutput
from tests.mlcore.small_network import photograph, small_network
from tests.mlcore.toy_generators import Brighten

MARKING = Marking("Pulih", "small", "0" * 64, datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return Restorer(small_network(), engine="torch")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_report_tells_what_the_files_show(tmp_path: Path, restorer: Restorer) -> None:
    image = photograph(150, 210)
    save_png(tmp_path / "torn.png", image)
    steps: list[tuple[int, int]] = []
    report = restorer.restore_file(
        tmp_path / "torn.png",
        tmp_path / "restored.png",
        marking=MARKING,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    result = np.asarray(Image.open(tmp_path / "restored.png"))
    change = np.abs(result.astype(int) - image).max(axis=2)
    mask, shown = report.layers["mask"], report.layers["change"]
    np.testing.assert_array_equal(shown, change)
    assert change[mask == 0].max() == 0
    assert report.total.max_change_outside == 0
    assert report.total.share_changed == np.mean(change > 0)
    assert report.total.max_change == change.max()
    assert report.total.mean_change == pytest.approx(np.abs(result.astype(int) - image).mean())
    inside = np.abs(result.astype(int) - image)[mask > 0]
    assert report.total.mean_change_inside == pytest.approx(inside.mean())
    assert report.share_damaged == np.mean(mask > 127)
    assert report.format == "png"
    assert report.invention is None
    assert report.peak_memory_bytes > 0
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    assert report.figures()["pages"][0]["level"] == report.level


def book(path: Path, *pages: np.ndarray) -> list[np.ndarray]:
    """A TIFF of these pages; the pages."""
    with tifffile.TiffWriter(path) as writer:
        for page in pages:
            writer.write(page, photometric="rgb")
    return list(pages)


def pages_of(path: Path) -> list[np.ndarray]:
    with tifffile.TiffFile(path) as file:
        return [page.asarray() for page in file.pages]


def test_sixteen_bits_of_every_page_stay_where_nothing_is_damaged(tmp_path: Path, restorer: Restorer) -> None:
    rng = np.random.default_rng(0)
    pages = book(
        tmp_path / "book.tif",
        *(
            photograph(90, 130, seed).astype(np.uint16) * 257 + rng.integers(0, 90, (90, 130, 3), np.uint16)
            for seed in (0, 1)
        ),
    )
    report = restorer.restore_file(
        tmp_path / "book.tif", tmp_path / "out.tif", marking=MARKING, repair_path=tmp_path / "repair"
    )
    assert len(report.pages) == 2
    shares = [repaired[..., 3] for repaired in pages_of(tmp_path / "repair")]
    for before, after, share in zip(pages, pages_of(tmp_path / "out.tif"), shares, strict=True):
        assert after.dtype == np.uint16
        np.testing.assert_array_equal(after[share == 0], before[share == 0])
        assert (after[share > 0] != before[share > 0]).any()


def test_what_a_person_says_holds_for_the_page_that_is_shown(tmp_path: Path, restorer: Restorer) -> None:
    pages = book(tmp_path / "book.tif", photograph(90, 130, 0), photograph(90, 130, 0))
    left, right = np.zeros((9, 13), np.uint8), np.zeros((9, 13), np.uint8)
    left[:, :5], right[:, 7:] = 255, 255

    def restored(name: str, hand: Hand | None) -> list[np.ndarray]:
        restorer.restore_file(tmp_path / "book.tif", tmp_path / name, hand=hand, marking=MARKING)
        return pages_of(tmp_path / name)

    by_itself = restored("without.tif", None)
    np.testing.assert_array_equal(by_itself[0], by_itself[1])
    by_hand = restored("with.tif", Hand(repair=left, protect=right))
    np.testing.assert_array_equal(by_hand[0][:, 80:], pages[0][:, 80:])
    assert (by_hand[0][:, :40] != by_itself[0][:, :40]).any()
    np.testing.assert_array_equal(by_hand[1], by_itself[1])


def test_the_same_bytes_again_and_other_strengths_from_the_repair_alone(
    tmp_path: Path, restorer: Restorer
) -> None:
    source, repair = tmp_path / "torn.png", tmp_path / "repair"
    image = photograph(100, 100)
    save_png(source, image)
    paths = [tmp_path / name for name in ("first.png", "second.png", "rendered.png", "none.png")]
    for target in paths[:2]:
        restorer.restore_file(source, target, marking=MARKING, repair_path=repair)
    whole = render_file(source, repair, paths[2], marking=MARKING)
    assert len({sha256(path) for path in paths[:3]}) == 1
    nothing = render_file(source, repair, paths[3], strength=0, marking=MARKING)
    assert nothing.total.max_change == 0
    assert nothing.share_damaged == whole.share_damaged > 0
    np.testing.assert_array_equal(np.asarray(Image.open(paths[3])), image)


def test_layers_are_of_the_page_that_is_shown_even_if_another_is_damaged(
    tmp_path: Path, restorer: Restorer
) -> None:
    """The first page is protected whole, and of another shape."""
    book(tmp_path / "book.tif", photograph(60, 100), photograph(90, 130, 1), photograph(70, 80, 2))
    everything = Hand(protect=np.full((1, 1), 255, np.uint8))
    report = restorer.restore_file(
        tmp_path / "book.tif", tmp_path / "out.tif", hand=everything, marking=MARKING, invention_passes=2
    )
    for layer in report.layers.values():
        assert layer.shape == (60, 100)
        assert layer.max() == 0
    assert report.invention is not None
    assert report.invention > 0  # that of the second page, which was repaired
    figures = report.figures()
    assert (figures["page_count"], figures["pages_repaired"]) == (3, 2)
    assert [page["level"] == "none" for page in figures["pages"]] == [True, False, False]


def test_what_is_undamaged_is_not_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[int, ...]] = []

    def find(self: TorchEngine, degraded: np.ndarray) -> np.ndarray:
        looks.append(degraded.shape)
        return np.full(degraded.shape[:2], -20, np.float32)

    monkeypatch.setattr(TorchEngine, "find", find)
    steps: list[tuple[int, int]] = []
    save_png(tmp_path / "whole.png", photograph(80, 120))
    report = Restorer(small_network(), engine="torch").restore_file(
        tmp_path / "whole.png",
        tmp_path / "out.png",
        marking=MARKING,
        invention_passes=8,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert len(looks) == 1
    assert report.invention == 0
    assert report.layers["invention"].max() == 0
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_invention_is_measured_inside_the_repair_only(tmp_path: Path, restorer: Restorer) -> None:
    save_png(tmp_path / "torn.png", photograph(80, 120))
    report = restorer.restore_file(
        tmp_path / "torn.png", tmp_path / "out.png", marking=MARKING, invention_passes=3
    )
    assert report.invention is not None
    assert report.invention > 0
    assert report.layers["invention"].shape == (80, 120)
    everything = Hand(protect=np.full((1, 1), 255, np.uint8))
    untouched = restorer.restore_file(
        tmp_path / "torn.png", tmp_path / "same.png", marking=MARKING, hand=everything, invention_passes=2
    )
    assert untouched.invention == 0
    assert untouched.level == "none"
    assert untouched.layers["invention"].max() == 0


def test_a_network_that_treats_all_sides_alike_invents_nothing(tmp_path: Path) -> None:
    save_png(tmp_path / "dark.png", photograph(70, 90) // 2)
    report = Restorer(Brighten()).restore_file(
        tmp_path / "dark.png", tmp_path / "out.png", marking=MARKING, invention_passes=8
    )
    assert report.invention == pytest.approx(0, abs=1e-3)
    assert report.total.share_changed > 0.5


class Answer(Generator):
    """Gives one value everywhere, whatever it sees."""

    stride = 16

    def __init__(self, value: float) -> None:
        super().__init__()
        self.options = {}
        self.value = value

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        return GeneratorOutput(degraded * 0 + self.value)


@pytest.mark.parametrize(
    ("value", "code"),
    [(float("nan"), "not-a-number"), (-1.0, "black"), (1.0, "mean-shift"), (-0.4, None)],
)
def test_what_is_no_restoration_is_refused_and_leaves_no_file(
    tmp_path: Path, value: float, code: str | None
) -> None:
    save_png(tmp_path / "torn.png", photograph(80, 80) // 2 + 40)
    target = tmp_path / "out.png"
    restorer = Restorer(Answer(value))
    if code is None:
        restorer.restore_file(tmp_path / "torn.png", target, marking=MARKING)
        assert target.exists()
        return
    with pytest.raises(HonestyError) as refusal:
        restorer.restore_file(tmp_path / "torn.png", target, marking=MARKING)
    assert refusal.value.code == f"mlcore:honesty:{code}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.png"]


def test_a_black_original_may_stay_black(tmp_path: Path) -> None:
    save_png(tmp_path / "night.png", np.zeros((80, 80, 3), np.uint8))
    Restorer(Answer(-1)).restore_file(tmp_path / "night.png", tmp_path / "out.png", marking=MARKING)


@pytest.mark.parametrize("source", ["torn.jpg", "torn.png"])
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", None])
def test_a_jpeg_is_said_to_be_encoded_anew_and_nothing_else(
    tmp_path: Path, restorer: Restorer, source: str, format: ResultFormat | None
) -> None:
    Image.fromarray(photograph(70, 90)).save(tmp_path / source)
    report = restorer.restore_file(tmp_path / source, tmp_path / "out", format=format, marking=MARKING)
    assert ("jpeg-encoded-anew" in report.notes) is (report.format == "jpeg")
    assert report.format == (format or ("jpeg" if source.endswith("jpg") else "png"))


def test_trouble_with_the_source_keeps_its_code(tmp_path: Path, restorer: Restorer) -> None:
    with pytest.raises(MasterError) as trouble:
        restorer.restore_file(tmp_path / "absent.tif", tmp_path / "out.tif")
    assert trouble.value.code == "mlcore:master:missing"


def test_layers_are_upright_and_small(tmp_path: Path, restorer: Restorer) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photograph(60, 1700)).save(tmp_path / "long.png", exif=exif)
    report = restorer.restore_file(tmp_path / "long.png", tmp_path / "out.png", marking=MARKING)
    assert report.layers["mask"].shape == (1600, 56)
