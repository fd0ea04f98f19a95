"""Finder and refiner as OpenVINO graphs, built straight from the trained layers.

Three things are done on the way that PyTorch does not do by itself, all of them exact but for arithmetic:
normalisation is folded into the convolution before it; doubling a signal by repetition and convolving it
3x3 becomes one transposed convolution 4x4, which multiplies 4 times a pixel instead of 9; and a convolution
over two joined signals becomes the sum of two, so that the joined one need not exist. Measured on one AVX2
core at 256x256: 316 ms in PyTorch, 170 ms as converted from it, 101 ms so (docs/experiments.md).
"""

from functools import cache
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mlcore.inference.runtime import op, ov
from mlcore.networks.find_fill_refine import DamageFinder, Refiner
from mlcore.networks.lean import PATCH, LeanFinder, LeanRefiner, LeanUNet

Array = NDArray[np.float64]
Node = Any
"""A node of a graph; OpenVINO's operators are not typed."""

_SLOPE = 0.2

# Row t of a 4x4 transposed kernel (stride 2, padding 1) gathers these taps of the 3x3 kernel.
_REPEATED = np.array([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], np.float64)


class Arithmetic(Protocol):
    """How a graph multiplies: in single precision, or in 8 bits."""

    def signal(self, node: Node, name: str) -> Node:
        """The signal that enters the multiplication ``name``."""

    def weights(self, weights: Array) -> Node:
        """Weights (O, I, h, w) of a convolution."""

    def doubling(self, node: Node, kernel: Array) -> Node:
        """Transposed convolution, stride 2, padding 1, by a kernel (O, I, 4, 4)."""


class Exact:
    """Single precision throughout."""

    def signal(self, node: Node, name: str) -> Node:
        """As it is."""
        return node

    def weights(self, weights: Array) -> Node:
        """As they are."""
        return constant(weights)

    def doubling(self, node: Node, kernel: Array) -> Node:
        """As one operation."""
        swapped = constant(kernel.transpose(1, 0, 2, 3))
        return op.convolution_backprop_data(node, swapped, [2, 2], None, [1, 1], [1, 1], [1, 1])


def finder_graph(finder: DamageFinder | LeanFinder, arithmetic: Arithmetic) -> ov.Model:
    """(1, 3, H, W) in [-1, 1], sides multiples of the finder's stride, to logits (1, 1, H, W)."""
    if isinstance(finder, LeanFinder):
        return _lean_graph(finder, 3, arithmetic)
    layers = _Layers(arithmetic)
    entry = op.parameter([1, 3, -1, -1], np.float32, name="degraded")
    signal = layers.double(finder.stem, entry, "stem")
    skips = [signal]
    for level, block in enumerate(finder.down):
        pooled = op.max_pool(signal, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2]).output(0)
        signal = layers.double(block, pooled, f"down{level}")
        skips.append(signal)
    skips.pop()
    for level, block in enumerate(finder.up):
        signal = layers.double(block, signal, f"up{level}", beside=skips.pop())
    return ov.Model([layers.convolved(finder.head, None, signal, "head")], [entry], "finder")


def refiner_graph(refiner: Refiner | LeanRefiner, arithmetic: Arithmetic) -> ov.Model:
    """(1, 7, H, W), filled and degraded picture and mask, to a correction (1, 3, H, W)."""
    if isinstance(refiner, LeanRefiner):
        return _lean_graph(refiner, 7, arithmetic)
    layers = _Layers(arithmetic)
    entry = op.parameter([1, 7, -1, -1], np.float32, name="entry")
    signal, skips = entry, []
    for level, block in enumerate(map(_layers_of, refiner.down)):
        norm = block[1] if isinstance(block[1], nn.BatchNorm2d) else None
        signal = _leaky(layers.convolved(block[0], norm, signal, f"down{level}"))
        skips.append(signal)
    skips.pop()
    for level, block in enumerate(map(_layers_of, refiner.up)):
        doubled = _leaky(layers.doubled(block[0], block[1], signal, None, f"up{level}"))
        signal = op.concat([doubled, skips.pop()], 1)
    signal = _leaky(layers.convolved(refiner.last[0], refiner.last[1], signal, "last"))
    signal = _leaky(layers.doubled(refiner.tail[0], None, signal, entry, "tail"))
    return ov.Model([layers.convolved(refiner.head, None, signal, "head")], [entry], "refiner")


def _lean_graph(network: LeanUNet, entering: int, arithmetic: Arithmetic) -> ov.Model:
    layers = _Layers(arithmetic)
    signal = entry = op.parameter([1, entering, -1, -1], np.float32, name="entry")
    skips = []
    level: Any  # its layers are not typed
    for number, level in enumerate(network.down):
        signal = layers.rectified(level.first, signal, f"down{number}")
        signal = layers.several(level.rest, signal, f"down{number}")
        skips.append(signal)
    skips.pop()
    joint: Any
    for number, joint in enumerate(network.up):
        narrow = layers.convolved(joint.narrow[0], joint.narrow[1], signal, f"up{number}")
        signal = op.relu(op.add(_repeated(narrow), skips.pop()))
        signal = layers.several(joint.rest, signal, f"up{number}")
    parts = layers.convolved(network.head, None, signal, "head")
    return ov.Model([op.depth_to_space(parts, "depth_first", PATCH)], [entry], "lean")


def compile_graph(graph: ov.Model, threads: int) -> ov.CompiledModel:
    """For this computer's processor: one picture at a time, single precision, ``threads`` threads.

    They are not tied to cores, or those of two workers would be tied to the same.
    """
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    return _core().compile_model(graph, "CPU", settings)


@cache
def _core() -> ov.Core:
    """OpenVINO in this process, once and for good.

    Its processor plugin lends the main thread a stack for signals and frees it with the last user of a core;
    the next signal, a worker's SIGTERM say, would then end in a segmentation fault.
    """
    return ov.Core()


class _Layers:
    """Trained layers as nodes."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        self.arithmetic = arithmetic

    def double(self, block: nn.Module, signal: Node, name: str, *, beside: Node | None = None) -> Node:
        """Two convolutions with ReLU; with ``beside`` the signal is doubled in size and joined to it."""
        first, norm, _, second, second_norm, _ = block.children()
        if beside is None:
            signal = self.convolved(first, norm, signal, f"{name}.first")
        else:
            signal = self.doubled(first, norm, signal, beside, f"{name}.first")
        return op.relu(self.convolved(second, second_norm, op.relu(signal), f"{name}.second"))

    def several(self, blocks: Any, signal: Node, name: str) -> Node:
        """Convolutions one behind the other, each with ReLU."""
        for place, block in enumerate(blocks):
            signal = self.rectified(block, signal, f"{name}.{place}")
        return signal

    def rectified(self, block: Any, signal: Node, name: str) -> Node:
        """A convolution, its normalisation and ReLU."""
        return op.relu(self.convolved(block[0], block[1], signal, name))

    def convolved(self, layer: Any, norm: Any, signal: Node, name: str) -> Node:
        """A convolution and the normalisation behind it."""
        weights, bias = _folded(layer, norm)
        answer = self._convolution(weights, signal, name, layer.stride, layer.padding)
        return op.add(answer, constant(bias))

    def doubled(self, layer: Any, norm: Any, signal: Node, beside: Node | None, name: str) -> Node:
        """3x3 convolution of the signal repeated to twice its size, with ``beside`` joined behind it."""
        weights, bias = _folded(layer, norm)
        channels = signal.get_output_partial_shape(0)[1].get_length()
        kernel = _REPEATED @ weights[:, :channels] @ _REPEATED.T
        answer = self.arithmetic.doubling(self.arithmetic.signal(signal, f"{name}.below"), kernel)
        if beside is not None:
            answer = op.add(answer, self._convolution(weights[:, channels:], beside, f"{name}.beside"))
        return op.add(answer, constant(bias))

    def _convolution(
        self, weights: Array, signal: Node, name: str, stride: Any = (1, 1), padding: Any = (1, 1)
    ) -> Node:
        return op.convolution(
            self.arithmetic.signal(signal, name),
            self.arithmetic.weights(weights),
            list(stride),
            list(padding),
            list(padding),
            [1, 1],
        )


def _layers_of(block: nn.Module) -> list[Any]:
    return list(block.children())


def _folded(layer: nn.Conv2d, norm: nn.BatchNorm2d | None) -> tuple[Array, Array]:
    """Weights (O, I, h, w) and bias (1, O, 1, 1) of a convolution with the normalisation behind it."""
    with torch.no_grad():
        weights = layer.weight.double()
        bias = weights.new_zeros(len(weights)) if layer.bias is None else layer.bias.double()
        if norm is not None:
            if norm.running_mean is None or norm.running_var is None:
                raise ValueError("a normalisation without averages of its own cannot be folded")
            scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
            weights = weights * scale[:, None, None, None]
            bias = (bias - norm.running_mean.double()) * scale + norm.bias.double()
        return weights.cpu().numpy(), bias[None, :, None, None].cpu().numpy()


def _repeated(node: Node) -> Node:
    """Twice the height and width, each value four times."""
    return op.interpolate(
        node,
        op.constant(np.array([2, 2], np.float32)),
        "nearest",
        "scales",
        axes=op.constant(np.array([2, 3])),
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _leaky(node: Node) -> Node:
    return op.prelu(node, constant(np.array([_SLOPE])))


def constant(values: Array) -> Node:
    """Numbers of a graph, in single precision."""
    return op.constant(np.ascontiguousarray(values, np.float32))
