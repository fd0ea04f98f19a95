"""Runs that begin with the weights of others."""

from pathlib import Path

import pytest

from mlcore.checkpoints import save_generator
from mlcore.distributed import Team
from mlcore.errors import TrainingError
from mlcore.networks import build_generator
from mlcore.presets import TrainConfig
from mlcore.run_setup import build_model
from mlcore.run_state import RunState
from tests.mlcore.small_network import LEAN


@pytest.mark.parametrize("part", ["initial", "initial_finder"])
def test_a_network_of_another_shape_is_refused_in_one_line(tmp_path: Path, part: str) -> None:
    other = tmp_path / "other.safetensors"
    save_generator(other, build_generator("find_fill_refine", **LEAN), {})
    config = TrainConfig(generator_options={"base_channels": 4, "depth": 5})
    with pytest.raises(TrainingError, match="another network") as caught:
        build_model(RunState(config), Team(), **{"initial": None, part: other})
    assert caught.value.code == "mlcore:run:settings"
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500 + len(str(other))
