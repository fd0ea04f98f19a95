"""Where a network computes, and with what arithmetic there."""

import torch

AUTO = "auto"
"""CUDA where there is some, otherwise the processor."""


def chosen_device(name: str, engine: str) -> torch.device:
    """The device of that name ("auto", "cpu", "cuda", "cuda:1"); an engine for processors leaves "auto" none
    other.

    Asks CUDA, so it is for the process that computes, and never for one that forks afterwards; and has CUDA
    convolve so that the same picture gives the same bits. ValueError for a name that is none, and for CUDA
    where there is none.
    """
    device = _named(name, engine)
    if device.type == "cuda":
        torch.backends.cudnn.deterministic = True
    return device


def _named(name: str, engine: str) -> torch.device:
    if name == AUTO:
        return torch.device("cuda" if engine != "openvino" and torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"unknown device {name!r}; known: auto, cpu, cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError("there is no CUDA here; auto takes the processor then")
    return device
