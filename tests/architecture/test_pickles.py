"""No pickle of a stranger is ever loaded: whoever loads one runs what it says."""

import ast
import io
import os
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from mlcore.checkpoints import load_generator, read_header
from mlcore.clean_bank import CleanBank
from mlcore.errors import CheckpointError, MlcoreError
from mlcore.inference import Restorer
from mlcore.run_state import STATE, read_state
from tests.architecture.source_tree import PACKAGES, ROOT

# What loads pickles, or code, by whatever name.
LOADERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "pandas"}
# Names of errors only.
HARMLESS = {("pickle", "UnpicklingError")}
# Messages between the processes of one cluster, over a socket that has no name and that no other can open.
AMONG_OURSELVES = {"archive/queue/lines.py"}
FOLDERS = [*PACKAGES, "benchmarks", "examples", "clients", "manage.py"]


@cache
def trees() -> dict[str, ast.Module]:
    files = [
        path
        for folder in FOLDERS
        for path in ([ROOT / folder] if folder.endswith(".py") else (ROOT / folder).rglob("*.py"))
    ]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in files}


def imports(tree: ast.Module) -> set[str]:
    """Modules that load pickles, as far as more is imported of them than harmless names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            top = node.module.partition(".")[0]
            found |= {top for alias in node.names if (top, alias.name) not in HARMLESS}
    return found & LOADERS


def calls(tree: ast.Module, *names: str) -> list[ast.Call]:
    """Calls of these attributes: "torch.load"."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func) in names
    ]


def keyword(call: ast.Call, name: str) -> Any:
    return next((ast.literal_eval(each.value) for each in call.keywords if each.arg == name), None)


def test_no_module_can_load_pickles() -> None:
    assert {name for name, tree in trees().items() if imports(tree)} <= AMONG_OURSELVES


def test_torch_loads_numbers_only() -> None:
    found = {name: calls(tree, "torch.load") for name, tree in trees().items()}
    assert any(found.values())
    wrong = [
        name for name, made in found.items() if any(keyword(c, "weights_only") is not True for c in made)
    ]
    assert wrong == []


def test_numpy_loads_numbers_only_and_yaml_is_safe() -> None:
    for name, tree in trees().items():
        for call in calls(tree, "np.load", "numpy.load", "np.loads"):
            assert not keyword(call, "allow_pickle"), name
        assert not calls(
            tree, "yaml.load", "yaml.unsafe_load", "torch.jit.load", "torch.package.PackageImporter"
        ), name


class Payload:
    """Pickled, it makes a folder as soon as anybody unpickles it."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.made),)


def _state(path: Path) -> None:
    read_state(path.parent, torch.device("cpu"))


READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "weights for use": ("best.safetensors", load_generator),
    "weights by another name": ("best.pt", load_generator),
    "what weights say of themselves": ("best.safetensors", read_header),
    "a restorer": ("best.safetensors", Restorer.from_checkpoint),
    "a bank of training pictures": ("bank.safetensors", CleanBank.load),
    "the state of a training run": (STATE, _state),
}


@pytest.mark.parametrize("writer", ["pickle", "torch", "torch, old"])
@pytest.mark.parametrize("reader", READERS)
def test_no_reader_runs_what_a_file_says(tmp_path: Path, reader: str, writer: str) -> None:
    name, read = READERS[reader]
    made, path = tmp_path / "made", tmp_path / name
    if writer == "pickle":
        path.write_bytes(pickle.dumps(Payload(made)))
    else:
        torch.save({"config": Payload(made)}, path, _use_new_zipfile_serialization=writer == "torch")
    with pytest.raises(MlcoreError) as refused:
        read(path)
    assert isinstance(refused.value, CheckpointError) or "bank" in refused.value.code
    assert not made.exists()
    # The payload is a real one.
    if writer == "pickle":
        pickle.loads(path.read_bytes())
    else:
        torch.load(io.BytesIO(path.read_bytes()), weights_only=False)
    assert made.is_dir()
