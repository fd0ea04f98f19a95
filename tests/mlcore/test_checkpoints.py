"""Weights files: what goes in comes out, and anything wrong is told by code."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mlcore.checkpoints import load_generator, read_header, save_generator
from mlcore.errors import CheckpointError
from mlcore.networks import build_generator


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "model.safetensors"
    save_generator(
        path, build_generator("find_fill_refine", base_channels=4), {"hours": 2, "data": ["faces"]}
    )
    return path


def test_a_saved_generator_can_be_rebuilt_from_its_file_alone(saved: Path) -> None:
    torch.manual_seed(0)
    original = build_generator("find_fill_refine", base_channels=4).eval()
    loaded = load_generator(saved)
    assert not loaded.generator.training
    assert loaded.metadata == {"hours": 2, "data": ["faces"]}
    assert loaded.options["base_channels"] == 4
    assert loaded.sha256 == hashlib.sha256(saved.read_bytes()).hexdigest()
    picture = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.inference_mode():
        difference = original(picture).restored - loaded.generator(picture).restored
    assert difference.abs().max() < 0.05


def test_weights_are_stored_in_half_precision_and_the_header_reads_without_them(saved: Path) -> None:
    tensors = load_file(saved)
    assert {tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()} == {torch.float16}
    assert read_header(saved)["generator"] == "find_fill_refine"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:500])


def _foreign(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path)


def _mismatched(path: Path) -> None:
    tensors = load_file(path)
    header = {"pulih": json.dumps(read_header(path))}
    tensors.popitem()
    save_file(tensors, path, metadata=header)


def _not_finite(path: Path) -> None:
    tensors = load_file(path)
    header = {"pulih": json.dumps(read_header(path))}
    tensors["finder.head.weight"].view(-1)[0] = float("nan")
    save_file(tensors, path, metadata=header)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (Path.unlink, "mlcore:checkpoint:missing"),
        (_cut, "mlcore:checkpoint:unreadable"),
        (_foreign, "mlcore:checkpoint:foreign"),
        (_mismatched, "mlcore:checkpoint:mismatch"),
        (_not_finite, "mlcore:checkpoint:not-finite"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_by_code(saved: Path, spoil: object, code: str) -> None:
    assert callable(spoil)
    spoil(saved)
    with pytest.raises(CheckpointError) as caught:
        load_generator(saved)
    assert caught.value.code == code
