"""A curator with a photo; and a model that computes for real, small and untrained."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from django.contrib.auth.models import User
from django.test import Client

from archive.models import Photo
from mlcore.checkpoints import save_generator
from mlcore.networks import build_generator
from restoration.models import ModelVersion
from restoration.running import loaded_models
from tests.factories import make_collection, make_model_version, make_photo, make_user

NETWORK = "find_fill_refine"
OPTIONS = {"base_channels": 4, "depth": 2, "max_channels": 8}


def save_untrained(path: Path, *, seed: int = 1) -> Path:
    """Save a generator as initialised, but undecided about damage: so it changes pixels of any picture."""
    torch.manual_seed(seed)
    generator = build_generator(NETWORK, **OPTIONS)
    torch.nn.init.constant_(generator.finder.head.bias, 0.0)
    metadata = {"val": {"light": {"psnr": 20.0, "ssim": 0.8}}}
    save_generator(path, generator, metadata, name=NETWORK)
    return path


@pytest.fixture
def curator() -> User:
    return make_user("sri")


@pytest.fixture
def photo(curator: User) -> Photo:
    return make_photo(collection=make_collection(owner=curator), filename="Bibi Sri.jpg")


@pytest.fixture
def signed_in(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_untrained(tmp_path_factory.mktemp("weights") / "untrained.safetensors")


@pytest.fixture
def model_version(weights: Path, db: None) -> ModelVersion:
    """The untrained model, registered and so the default."""
    described = loaded_models.describe_weights(weights)
    return make_model_version(
        name="untrained",
        version="1",
        weights_path=str(weights),
        weights_sha256=described.sha256,
        architecture=described.architecture,
    )


@pytest.fixture(autouse=True)
def no_model_in_memory() -> Iterator[None]:
    """Every test loads its model itself."""
    loaded_models.forget_restorers()
    yield
    loaded_models.forget_restorers()
