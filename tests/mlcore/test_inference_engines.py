"""Both engines compute the network that was trained; the quick one nearly."""

import numpy as np
import pytest
import torch

from mlcore.checkpoints import save_generator
from mlcore.inference import Restorer
from mlcore.inference.engines import OpenVinoEngine, TorchEngine
from mlcore.networks import FindFillRefine
from mlcore.networks.find_fill_refine import decided
from tests.mlcore.small_network import photograph, repaired, small_network
from tests.mlcore.toy_generators import Blur

NETWORKS = {"default": small_network(), "lean": small_network(lean=True)}
SIZES = [(64, 64), (96, 160), (64, 64)]


@pytest.fixture(scope="module", params=NETWORKS)
def network(request: pytest.FixtureRequest) -> FindFillRefine:
    return NETWORKS[request.param]


@pytest.fixture(scope="module")
def exact(network: FindFillRefine) -> OpenVinoEngine:
    return OpenVinoEngine(network, threads=1, quick=False)


@pytest.fixture(scope="module")
def quick(network: FindFillRefine) -> OpenVinoEngine:
    return OpenVinoEngine(network, threads=1, quick=True)


def tile(height: int, width: int) -> np.ndarray:
    return photograph(height, width).astype(np.float32) / 127.5 - 1


def shares(logits: np.ndarray) -> np.ndarray:
    return decided(torch.from_numpy(np.array(logits))).numpy()


@pytest.mark.parametrize("size", SIZES)
def test_openvino_gives_what_torch_gives_at_any_size(
    network: FindFillRefine, exact: OpenVinoEngine, size: tuple[int, int]
) -> None:
    torch_engine = TorchEngine(network, torch.device("cpu"))
    degraded = tile(*size)
    logits = torch_engine.find(degraded)
    found = shares(logits)
    assert 0.02 < found.mean() < 0.98
    np.testing.assert_allclose(shares(exact.find(degraded)), found, atol=1e-5)
    filled = degraded[::-1]
    expected = torch_engine.refine(filled, degraded, found)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(exact.refine(filled, degraded, found), expected, atol=1e-5)


def test_memory_given_back_does_not_change_what_comes_next(exact: OpenVinoEngine) -> None:
    degraded = tile(64, 96)
    before = exact.find(degraded).copy()
    exact.release()
    np.testing.assert_array_equal(exact.find(degraded), before)


def test_quick_is_near_the_exact_answer(exact: OpenVinoEngine, quick: OpenVinoEngine) -> None:
    degraded = tile(128, 128)
    found = shares(exact.find(degraded))
    assert 0 < np.abs(shares(quick.find(degraded)) - found).mean() < 0.05
    expected = exact.refine(degraded, degraded, found)
    off = np.abs(quick.refine(degraded, degraded, found) - expected).mean()
    assert 0 < off < 0.2 * np.abs(expected).mean()


@pytest.mark.parametrize("lean", [False, True])
def test_the_whole_restoration_is_the_networks_own_answer_to_60_decibels(*, lean: bool) -> None:
    image = photograph(128, 192)
    with torch.inference_mode():
        planes = torch.from_numpy(image.transpose(2, 0, 1)[None]).float() / 127.5 - 1
        answer = small_network(lean=lean)(planes).restored[0].permute(1, 2, 0).numpy()
    for engine in ("torch", "openvino"):
        restored, _ = repaired(Restorer(small_network(lean=lean), engine=engine), image)
        error = np.mean((restored - (answer + 1) * 127.5) ** 2)
        assert 10 * np.log10(255**2 / error) > 60


def test_auto_is_openvino_on_a_processor_and_torch_for_other_networks() -> None:
    assert Restorer(small_network()).engine == "openvino"
    assert Restorer(Blur(1)).engine == "torch"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "onnx"}, "unknown engine 'onnx'; known: auto, torch, openvino"),
        ({"engine": "openvino", "device": "meta"}, "openvino computes on cpu, not on meta"),
        ({"engine": "torch", "quick": True}, "quick needs the engine openvino on cpu"),
    ],
)
def test_engines_that_cannot_be_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Restorer(small_network(), **options)


@pytest.mark.parametrize("options", [{"engine": "openvino"}, {"quick": True}])
def test_other_networks_have_torch_only(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="for networks that find, fill and refine"):
        Restorer(Blur(1), **options)


def test_parameters_build_the_same_restorer_again(tmp_path) -> None:
    save_generator(tmp_path / "small.safetensors", small_network(), {})
    first = Restorer.from_checkpoint(tmp_path / "small.safetensors", engine="torch", tile=200, overlap=32)
    parameters = first.parameters()
    assert parameters["tile"] == 208
    assert parameters["versions"]["torch"] == torch.__version__
    keywords = {key: value for key, value in parameters.items() if key != "versions"}
    second = Restorer.from_checkpoint(tmp_path / "small.safetensors", **keywords)
    assert second.parameters() == parameters
    image = photograph(300, 250)
    np.testing.assert_array_equal(first.restore(image).image, second.restore(image).image)
