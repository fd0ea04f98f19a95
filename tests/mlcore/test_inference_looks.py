"""Several looks at a picture: one verdict whichever way it is turned, and a better one."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from mlcore.degradation import LEVELS, degrade
from mlcore.inference import Restorer
from mlcore.inference.finding import LOOKS
from mlcore.inference.pictures import as_stored, upright
from tests import pictures
from tests.mlcore.small_network import photograph, repaired, small_network
from tests.mlcore.toy_generators import Identity

SHIPPED = max((Path(__file__).parents[2] / "mlcore" / "weights").glob("*.safetensors"))


def apart(restorer: Restorer, orientation: int) -> float:
    """How far the verdict on a picture is from that on the same picture turned, on average."""
    image = photograph(96, 128)
    _, straight = repaired(restorer, image)
    _, turned = repaired(restorer, np.ascontiguousarray(upright(image, orientation)))
    return float(np.abs(as_stored(turned, orientation) - straight).mean())


@pytest.mark.parametrize("looks", [2, 4, 8])
def test_turned_and_mirrored_the_verdict_is_the_same(looks: int) -> None:
    several = Restorer(small_network(), engine="torch", looks=looks)
    once = Restorer(small_network(), engine="torch")
    for orientation in range(2, looks + 1):
        assert apart(once, orientation) > 1e-3
        assert apart(several, orientation) < 1e-5


def test_openvino_averages_what_torch_averages() -> None:
    image = photograph(96, 128)
    exact, own = (Restorer(small_network(), engine=engine, looks=8) for engine in ("openvino", "torch"))
    np.testing.assert_allclose(repaired(exact, image)[1], repaired(own, image)[1], atol=1e-3)


def test_the_shipped_model_finds_damage_better_in_eight_looks() -> None:
    clean = data.astronaut()[0:256, 96:352]
    once, often = (Restorer.from_checkpoint(SHIPPED, threads=1, looks=looks) for looks in (1, 8))
    errors = []
    for restorer in (once, often):
        damaged = [degrade(clean, level, seed) for level in LEVELS for seed in range(2)]
        answers = [restorer.restore(each.image).image.astype(float) for each in damaged]
        errors.append(np.mean([np.log10(np.square(answer - clean).mean()) for answer in answers]))
    assert errors[1] < errors[0]


def test_what_was_invented_is_measured_by_single_looks(tmp_path: Path) -> None:
    """Eight looks from eight sides would agree on everything that was found."""
    source = tmp_path / "photo.png"
    source.write_bytes(pictures.png(pictures.portrait()))
    reports = [
        Restorer(small_network(), engine="torch", looks=looks).restore_file(
            source, tmp_path / f"{looks}.png", invention_passes=8
        )
        for looks in (1, 8)
    ]
    assert reports[1].invention > 0.5 * reports[0].invention > 0


def test_its_parameters_say_how_often_it_looked() -> None:
    assert Restorer(small_network(), looks=4).parameters()["looks"] == 4


@pytest.mark.parametrize("looks", [0, 3, 16])
def test_other_numbers_of_looks_are_refused(looks: int) -> None:
    assert looks not in LOOKS
    with pytest.raises(ValueError, match="looks; there are 1, 2, 4, 8"):
        Restorer(small_network(), looks=looks)


def test_a_network_that_finds_nothing_has_nothing_to_look_for() -> None:
    with pytest.raises(ValueError, match="looks are for networks that find"):
        Restorer(Identity(), looks=2)
