"""The small real model of the restoration's tests."""

from tests.restoration.conftest import model_version, no_model_in_memory, weights

__all__ = ["model_version", "no_model_in_memory", "weights"]
