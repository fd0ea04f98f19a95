"""What computes the network's two parts: PyTorch anywhere, OpenVINO on processors, more than twice as fast.

Both take and give arrays of one tile, upright, whose sides are multiples of the network's stride.
"""

from typing import Protocol

import cv2
import numpy as np
import torch
from torch import Tensor

from mlcore.inference.pictures import Floats
from mlcore.networks import FindFillRefine
from mlcore.process_memory import give_back_freed

ENGINES = ("auto", "torch", "openvino")

_OUT_OF_MEMORY = ("can't allocate memory", "bad_alloc", "Failed to allocate", "could not allocate")
"""What torch and OpenVINO say of full main memory; they have no class of their own for it."""


class Engine(Protocol):
    """Finder and refiner of one network."""

    name: str
    quick: bool
    """Whether it computes in 8 bits."""

    def find(self, degraded: Floats) -> Floats:
        """(h, w, 3) in [-1, 1] to the finder's logits (h, w), in memory that the next call may use again."""

    def refine(self, filled: Floats, degraded: Floats, found: Floats) -> Floats:
        """Two (h, w, 3) in [-1, 1] and (h, w) in [0, 1] to a correction of the filling, (h, w, 3)."""

    def release(self) -> None:
        """Give back what was needed for tiles of the sizes seen so far."""


class TorchEngine:
    """The network's own modules, on any device."""

    name = "torch"
    quick = False

    def __init__(self, generator: FindFillRefine, device: torch.device) -> None:
        # Channels together, as in the pictures themselves: on a CPU a quarter faster than in planes.
        self._generator = generator.to(device).to(memory_format=torch.channels_last)
        self._device = device

    def find(self, degraded: Floats) -> Floats:
        """See ``Engine``."""
        with torch.inference_mode():
            return _array(self._generator.finder(self._tensor(degraded)))[..., 0]

    def refine(self, filled: Floats, degraded: Floats, found: Floats) -> Floats:
        """See ``Engine``."""
        with torch.inference_mode():
            parts = (self._tensor(part) for part in (filled, degraded, found[..., None]))
            return _array(self._generator.refiner(*parts))

    def release(self) -> None:
        """PyTorch keeps nothing of a tile."""

    def _tensor(self, tile: Floats) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(tile)).permute(2, 0, 1)[None].to(self._device)


class OpenVinoEngine:
    """The same parts as OpenVINO graphs on this computer's processor; ``quick``: in 8 bits.

    ``threads``: how many to compute with.
    """

    name = "openvino"

    def __init__(self, generator: FindFillRefine, *, threads: int, quick: bool) -> None:
        from mlcore.inference.graphs import Arithmetic, Exact, compile_graph, finder_graph, refiner_graph
        from mlcore.inference.quick import EightBits, calibrated

        of_finder: Arithmetic = Exact()
        of_refiner: Arithmetic = of_finder
        self.quick = quick
        if quick:
            ranges = calibrated(generator, threads)
            of_finder, of_refiner = EightBits(ranges.finder), EightBits(ranges.refiner)
        graphs = finder_graph(generator.finder, of_finder), refiner_graph(generator.refiner, of_refiner)
        self._compiled = [compile_graph(graph, threads) for graph in graphs]
        self._requests = [compiled.create_infer_request() for compiled in self._compiled]

    def find(self, degraded: Floats) -> Floats:
        """See ``Engine``."""
        logits: Floats = self._infer(0, _planes(degraded))[0, 0]
        return logits

    def refine(self, filled: Floats, degraded: Floats, found: Floats) -> Floats:
        """See ``Engine``."""
        return np.asarray(cv2.merge(list(self._infer(1, _planes(filled, degraded, found))[0])))

    def release(self) -> None:
        """See ``Engine``; buffers grow with the largest tile seen."""
        for compiled in self._compiled:
            compiled.release_memory()
        give_back_freed()

    def _infer(self, part: int, entry: Floats) -> Floats:
        answer = self._requests[part].infer([entry], share_inputs=True, share_outputs=True)
        return np.asarray(answer[0])


def build_engine(
    generator: FindFillRefine, *, engine: str, device: torch.device, threads: int, quick: bool
) -> Engine:
    """The engine asked for; "auto" is OpenVINO on a processor, otherwise PyTorch.

    ``quick`` is for processors: another device computes exactly, which is faster there. ValueError for an
    unknown name, for OpenVINO on another device, and for ``quick`` with PyTorch on a processor.
    """
    if engine not in ENGINES:
        raise ValueError(f"unknown engine {engine!r}; known: {', '.join(ENGINES)}")
    if engine == "openvino" and device.type != "cpu":
        raise ValueError(f"the engine openvino computes on cpu, not on {device}")
    if device.type == "cpu" and engine != "torch":
        return OpenVinoEngine(generator, threads=threads, quick=quick)
    if quick and device.type == "cpu":
        raise ValueError("quick needs the engine openvino on cpu")
    return TorchEngine(generator, device)


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a computation failed for want of memory, on whatever device."""
    return isinstance(error, torch.OutOfMemoryError) or any(said in str(error) for said in _OUT_OF_MEMORY)


def _planes(*tiles: Floats) -> Floats:
    """Tiles (h, w) and (h, w, c), one after the other, as (1, all channels, h, w)."""
    channels = (
        torch.from_numpy(np.ascontiguousarray(np.atleast_3d(tile))).permute(2, 0, 1) for tile in tiles
    )
    return np.asarray(torch.cat(list(channels))[None])


def _array(planes: Tensor) -> Floats:
    """(1, C, h, w) anywhere to (h, w, C) here."""
    return planes[0].permute(1, 2, 0).float().cpu().numpy()
