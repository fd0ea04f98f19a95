"""From files to a row: what is registered fits together, and nothing in a file is ever run."""

import io
import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from django.core.management import call_command
from django.core.management.base import CommandError
from safetensors.torch import save

from archive.files.storage import sha256_of
from restoration.models import ModelVersion
from restoration.registry.figures import data_name, figures_of
from restoration.registry.registration import register_weights
from restoration.registry.shipped_model import shipped_weights
from tests.benchmarks import FIGURES, better_by, record
from tests.factories import make_model_version
from tests.restoration.conftest import save_untrained

pytestmark = pytest.mark.django_db

LOG = [
    {"kind": "epoch", "epoch": 1, "phase": "find", "losses": {"G_mask": 1.1}, "images": 8, "seconds": 2.0},
    {
        "kind": "epoch",
        "epoch": 2,
        "phase": "1:1",
        "losses": {"G_mask": 0.9, "G_L1": 0.1},
        "val": {"light": {"psnr": 30.0, "ssim": 0.95}},
    },
]


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command(*[str(argument) for argument in arguments], stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    """The command's refusal, after which there is no new row."""
    before = ModelVersion.objects.count()
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert ModelVersion.objects.count() == before
    assert error.value.returncode == 1
    return str(error.value)


class Payload:
    """Pickled, it makes a file as soon as anybody unpickles it."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self):
        return os.mkdir, (str(self.made),)


@pytest.mark.parametrize("name", ["model.safetensors", "model.pt", "model.bin"])
@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_malicious_pickle_is_refused_and_never_run(tmp_path, name, writer):
    made, path = tmp_path / "made", tmp_path / name
    if writer == "pickle":
        path.write_bytes(pickle.dumps(Payload(made)))
    else:
        torch.save({"generator": Payload(made)}, path)
    assert refused("register_model", path).endswith("[restoration:model:unreadable]")
    assert not made.exists()
    # The payload is a real one.
    if writer == "pickle":
        pickle.loads(path.read_bytes())
    else:
        torch.load(io.BytesIO(path.read_bytes()), weights_only=False)
    assert made.is_dir()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "foreign"),
        ({"pulih": "no JSON"}, "foreign"),
        ({"pulih": "[]"}, "foreign"),
        ({"pulih": json.dumps({"schema": 99})}, "foreign"),
        ({"pulih": json.dumps({"schema": 1, "generator": "os.system", "options": {}})}, "mismatch"),
        (
            {
                "pulih": json.dumps(
                    {"schema": 1, "generator": "find_fill_refine", "options": {}, "metadata": {}}
                )
            },
            "mismatch",
        ),
    ],
)
def test_safetensors_of_something_else_are_refused(tmp_path, header, code):
    path = tmp_path / "model.safetensors"
    path.write_bytes(save({"weight": torch.zeros(2)}, metadata=header))
    assert refused("register_model", path).endswith(f"[restoration:model:{code}]")


def test_all_that_is_known_of_a_model_is_registered(weights, tmp_path):
    names = ("benchmark.json", "photos.json", "card.md", "log.jsonl")
    files = {name: tmp_path / name for name in names}
    measurement = record(sha256_of(weights))
    for number, score in enumerate(measurement["scores"]):
        score["ssim"] = 0.9 if number else 0.1
    files["benchmark.json"].write_text(json.dumps(measurement))
    photographs = [each | {"group": "photos-val"} for each in measurement["scores"]]
    files["photos.json"].write_text(json.dumps(measurement | {"scores": photographs}))
    files["card.md"].write_text("# Kartu\n\nWajah.", encoding="utf-8")
    files["log.jsonl"].write_text("".join(json.dumps(line) + "\n" for line in LOG))
    run(
        *("register_model", weights, "--name", "faces", "--ver", "3", "--licence", "CC0"),
        *("--benchmark", files["benchmark.json"], "--further-benchmark", files["photos.json"]),
        *("--card", files["card.md"], "--log", files["log.jsonl"]),
    )
    row = ModelVersion.objects.get(name="faces", version="3")
    assert (row.card, row.data_licence, row.weights_sha256) == (
        "# Kartu\n\nWajah.",
        "CC0",
        sha256_of(weights),
    )
    measured = {
        level: {name: figure.mean for name, figure in measures.items()}
        for level, measures in figures_of(row.benchmark).items()
    }
    assert (measured, data_name(row.benchmark)) == (FIGURES, "faces-val")
    assert "scores" not in row.benchmark
    sets = row.benchmark["expected"]["sets"]
    expected = sets["faces-val"]
    assert sets["photos-val"] == expected
    assert set(expected) == {score["level"] for score in measurement["scores"]}
    assert all(0.1 <= each["ssim_low"] <= each["ssim_high"] == 0.9 for each in expected.values())
    assert [(epoch["epoch"], epoch["phase"], epoch["losses"]) for epoch in row.training_log] == [
        (1, "find", {"G_mask": 1.1}),
        (2, "1:1", {"G_mask": 0.9, "G_L1": 0.1}),
    ]
    assert row.training_log[1]["validation"] == {"light": {"psnr": 30.0, "ssim": 0.95}}


@pytest.mark.parametrize(
    ("option", "content", "code"),
    [
        ("--benchmark", json.dumps(record("0" * 64)), "benchmark:foreign"),
        ("--benchmark", "{", "benchmark:unreadable"),
        ("--benchmark", "[1]", "benchmark:unreadable"),
        ("--benchmark", json.dumps({"model": {"sha256": "SELF"}, "results": [{}]}), "benchmark:unreadable"),
        ("--benchmark", json.dumps({"model": {"sha256": "SELF"}, "results": []}), "benchmark:empty"),
        ("--benchmark", json.dumps(record("SELF", {"light": {"psnr": 30.0}})), "benchmark:empty"),
        ("--benchmark", json.dumps(record("SELF", better_by(float("nan")))), "benchmark:unreadable"),
        ("--log", '{"kind": "epoch"\n{"kind": "epoch", "epoch": 1}', "log:unreadable"),
        ("--log", '{"kind": "epoch"}\n', "log:unreadable"),
        ("--card", None, "card:unreadable"),
    ],
)
def test_what_is_handed_in_beside_must_fit(weights, tmp_path, option, content, code):
    path = tmp_path / "beside"
    if content is not None:
        path.write_text(content.replace("SELF", sha256_of(weights)))
    told = refused("register_model", weights, option, path)
    assert told.endswith(f"[restoration:{code}]")


def test_a_file_known_already_is_described_anew_without_loading_torch_again(weights, monkeypatch):
    run("register_model", weights)
    monkeypatch.setattr("restoration.running.loaded_models.describe_weights", None)
    again = register_weights(weights, data_licence="CC BY 4.0")
    assert (ModelVersion.objects.get(), again.data_licence) == (again, "CC BY 4.0")


def test_what_ships_beside_the_shipped_weights_fits_them(tmp_path):
    beside = {
        name: shipped_weights().with_suffix(suffix) for name, suffix in (("card", ".md"), ("log", ".jsonl"))
    }
    there = {name: path for name, path in beside.items() if path.is_file()}
    assert "card" in there
    benchmark = shipped_weights().with_suffix(".json")
    row = register_weights(shipped_weights(), benchmark=benchmark if benchmark.is_file() else None, **there)
    assert row.weights_sha256 in row.card


class TestPromoteModel:
    def test_a_model_as_good_takes_over(self):
        make_model_version(figures=FIGURES)
        make_model_version(name="faces", version="2", figures=FIGURES)
        assert run("promote_model", "faces", "2") == "faces 2 is the default of new restorations.\n"
        assert str(ModelVersion.objects.default().get()) == "faces 2"

    def test_a_worse_one_is_refused_until_forced_with_a_reason(self):
        make_model_version(figures=FIGURES)
        worse = make_model_version(name="faces", version="2", figures=better_by(-2.0, "medium"))
        told = refused("promote_model", "faces", "2")
        assert "Medium damage: PSNR 26.00 dB, the default 28.00 dB (\N{MINUS SIGN}2.00 dB)" in told
        assert told.endswith("[restoration:model:not-better]")
        assert refused("promote_model", "faces", "2", "--force").endswith(
            "[restoration:model:reason-missing]"
        )
        run("promote_model", "faces", "2", "--force", "--reason", "smaller and enough")
        assert worse.promotions.get().reason == "smaller and enough"

    def test_a_model_that_nobody_registered_is_refused(self):
        make_model_version()
        assert refused("promote_model", "faces", "2").endswith("[restoration:model:unknown]")


def test_an_untrained_model_is_described_by_its_parts(weights, tmp_path):
    first = register_weights(weights)
    second = register_weights(save_untrained(tmp_path / "other.safetensors", seed=9))
    assert first.architecture == second.architecture
    assert set(first.parameter_counts) == {"finder", "refiner", "total"}
