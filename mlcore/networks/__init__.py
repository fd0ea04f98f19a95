"""Generators by name. All give a ``GeneratorOutput``; H and W must be multiples of their ``stride``."""

from collections.abc import Callable

from mlcore.networks.find_fill_refine import FindFillRefine
from mlcore.networks.generator import Generator, GeneratorOutput
from mlcore.networks.patchgan import PatchGAN
from mlcore.networks.unet import UNetGenerator

GENERATORS: dict[str, Callable[..., Generator]] = {
    "unet_256": UNetGenerator,
    "find_fill_refine": FindFillRefine,
}


def build_generator(name: str, **options: object) -> Generator:
    """Build a generator from the table; ``options`` go to its class.

    Raises ``ValueError`` for a name that is not in ``GENERATORS``.
    """
    if name not in GENERATORS:
        raise ValueError(f"unknown generator {name!r}; known: {', '.join(GENERATORS)}")
    return GENERATORS[name](**options)


__all__ = [
    "GENERATORS",
    "FindFillRefine",
    "Generator",
    "GeneratorOutput",
    "PatchGAN",
    "UNetGenerator",
    "build_generator",
]
