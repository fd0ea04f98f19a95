"""Whoever listens to the progress can end the work, in every stage within one tile, and nothing is left."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from mlcore.inference import Restorer, render_file
from mlcore.inference.engines import TorchEngine
from mlcore.networks import Generator
from tests.mlcore.small_network import photograph, small_network
from tests.mlcore.test_inference_files import MARKING
from tests.mlcore.toy_generators import Brighten

SMALL_TILE = {"tile": 128, "overlap": 32}


class Stopped(Exception):
    """Raised by a listener."""


class Told:
    """Writes down what happens: tiles that were worked at, and what was told between them."""

    def __init__(self, end: Callable[["Told"], bool] = lambda _told: False) -> None:
        self.happened: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self._end = end

    def progress(self, done: int, total: int) -> None:
        self.happened.append("told")
        self.steps.append((done, total))
        if self._end(self):
            raise Stopped

    def tiles(self) -> int:
        return len(self.happened) - self.happened.count("told")


class Watched(TorchEngine):
    """The engine, whose answers are written down."""

    told: Told

    def find(self, degraded: np.ndarray) -> np.ndarray:
        self.told.happened.append("find")
        return super().find(degraded)

    def refine(self, filled: np.ndarray, degraded: np.ndarray, found: np.ndarray) -> np.ndarray:
        self.told.happened.append("refine")
        return super().refine(filled, degraded, found)


def restore(source: Path, target: Path, told: Told, passes: int = 2) -> None:
    network = small_network()
    restorer = Restorer(network, engine="torch", **SMALL_TILE)
    restorer._engine = Watched(network, torch.device("cpu"))
    restorer._engine.told = told
    scratch = target.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    restorer.restore_file(
        source,
        target,
        marking=MARKING,
        invention_passes=passes,
        scratch=scratch,
        on_progress=told.progress,
    )


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wide enough to be looked at once more at a reduced size."""
    path = tmp_path_factory.mktemp("wide") / "wide.png"
    Image.fromarray(photograph(80, 1280)).save(path)
    return path


def test_between_two_tiles_of_any_stage_somebody_is_told(wide: Path, tmp_path: Path) -> None:
    told = Told()
    restore(wide, tmp_path / "out.png", told)
    happened = "".join(word[0] for word in told.happened)
    for pair in ("ff", "fr", "rf", "rr"):
        assert pair not in happened
    assert told.tiles() >= 30
    assert {total for _done, total in told.steps} == {1000}
    done = [done for done, _total in told.steps]
    assert done == sorted(done)
    assert done[-1] == 1000


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.6, 0.7, 0.999])
def test_it_ends_where_the_listener_raises_and_leaves_nothing(
    wide: Path, tmp_path: Path, share: float
) -> None:
    told = Told(lambda told: told.steps[-1][0] >= 1000 * share)
    with pytest.raises(Stopped):
        restore(wide, tmp_path / "out.png", told)
    assert told.happened[-1] == "told"
    assert list((tmp_path / "scratch").iterdir()) == []
    # Once the result is whole, only the passes over it are missing.
    assert {path.name for path in tmp_path.iterdir()} <= {"scratch", "out.png"}


def test_a_network_that_answers_with_everything_ends_within_a_tile_too(tmp_path: Path) -> None:
    class Slow(Brighten):
        answers = 0

        def forward(self, degraded: torch.Tensor) -> object:
            self.answers += 1
            return super().forward(degraded)

    Image.fromarray(photograph(150, 200)).save(tmp_path / "torn.png")
    network: Generator = Slow()
    told = Told(lambda told: len(told.steps) == 3)
    with pytest.raises(Stopped):
        Restorer(network, **SMALL_TILE).restore_file(
            tmp_path / "torn.png", tmp_path / "out.png", marking=MARKING, on_progress=told.progress
        )
    assert network.answers <= 2
    assert not (tmp_path / "out.png").exists()


@pytest.fixture(scope="module", params=["png", "jpg", "tif"])
def repaired_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with its repair beside it."""
    path = tmp_path_factory.mktemp("rendered") / f"torn.{request.param}"
    image = photograph(1200, 1000)
    if request.param == "tif":
        tifffile.imwrite(path, image, photometric="rgb", rowsperstrip=100)
    else:
        Image.fromarray(image).save(path)
    Restorer(Brighten()).restore_file(
        path, path.with_name("result"), marking=MARKING, repair_path=path.with_name("repair")
    )
    return path


def test_rendering_ends_wherever_the_listener_raises(
    repaired_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.masters.pages.BYTES_AT_ONCE", 1000 * 3 * 100)

    def render(told: Told) -> None:
        render_file(
            repaired_file,
            repaired_file.with_name("repair"),
            tmp_path / "out",
            marking=MARKING,
            scratch=tmp_path,
            on_progress=told.progress,
        )

    whole = Told()
    render(whole)
    (tmp_path / "out").unlink()
    # Each band is told of when it is judged, when it is blended, and some while the encoder is at them.
    rows = [done for done, _total in whole.steps]
    assert rows[:25] == list(range(0, 2401, 100))
    assert set(rows[25:]) == (set() if repaired_file.suffix == ".tif" else {2400})
    for number in (1, 7, 13, 14, 20, min(26, len(rows))):
        told = Told(lambda told, number=number: len(told.steps) == number)
        with pytest.raises(Stopped):
            render(told)
        assert len(told.steps) == number
        assert list(tmp_path.iterdir()) == []
