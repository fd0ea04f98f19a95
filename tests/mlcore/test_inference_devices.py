"""CUDA is taken where there is some, unless somebody says otherwise; what ran is what is said to have run."""

import pytest
import torch

from mlcore.checkpoints import save_generator
from mlcore.inference import Restorer
from mlcore.inference.devices import chosen_device
from mlcore.inference.engines import build_engine
from tests.mlcore.small_network import small_network


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with an accelerator; and what is chosen there is forgotten afterwards."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)


@pytest.fixture
def no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize(
    ("name", "engine", "device"),
    [
        ("auto", "auto", "cuda"),
        ("auto", "torch", "cuda"),
        ("auto", "openvino", "cpu"),
        ("cpu", "auto", "cpu"),
        ("cuda:1", "auto", "cuda:1"),
    ],
)
def test_cuda_is_taken_where_there_is_some(name: str, engine: str, device: str) -> None:
    assert chosen_device(name, engine) == torch.device(device)


@pytest.mark.usefixtures("no_cuda")
def test_the_processor_is_taken_where_there_is_no_cuda() -> None:
    assert Restorer(small_network()).parameters()["device"] == "cpu"
    assert Restorer(small_network(), device="auto").engine == "openvino"


@pytest.mark.usefixtures("no_cuda")
@pytest.mark.parametrize(
    ("name", "message"), [("cuda", "there is no CUDA here"), ("gpu", "unknown device 'gpu'")]
)
def test_devices_that_are_not_there_are_refused_in_a_sentence(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Restorer(small_network(), device=name)


@pytest.mark.usefixtures("cuda")
def test_cuda_is_asked_to_give_the_same_bits_again() -> None:
    chosen_device("cpu", "auto")
    assert torch.backends.cudnn.deterministic is False
    chosen_device("auto", "auto")
    assert torch.backends.cudnn.deterministic is True


def test_the_choice_is_made_where_the_network_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """The device "meta" stands for CUDA: it is no processor either, and there is one everywhere."""
    asked = []

    def choose(*wish: str) -> torch.device:
        asked.append(wish)
        return torch.device("meta")

    monkeypatch.setattr("mlcore.inference.restorer.chosen_device", choose)
    save_generator(tmp_path / "small.safetensors", small_network(), {})
    restorer = Restorer.from_checkpoint(tmp_path / "small.safetensors", quick=True)
    assert asked == [("auto", "auto")]
    parameters = restorer.parameters()
    assert (parameters["device"], parameters["engine"], parameters["quick"]) == ("meta", "torch", False)


def test_quick_is_exact_beside_the_processor_and_says_so() -> None:
    engine = build_engine(small_network(), engine="auto", device=torch.device("meta"), threads=1, quick=True)
    assert (engine.name, engine.quick) == ("torch", False)
    assert Restorer(small_network(), quick=True, device="cpu").parameters()["quick"] is True
