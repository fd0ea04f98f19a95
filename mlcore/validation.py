"""How good a generator is on pairs that it does not train on: figures, and pictures to look at."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mlcore.contact_sheet import SheetRow, draw_sheet
from mlcore.dataset import Pair, Sample, collate, eval_transform
from mlcore.images import Bytes, from_network, from_unit, to_unit
from mlcore.mask_scores import TAKEN_FOR_DAMAGED, MaskCounts
from mlcore.metrics import METRICS
from mlcore.networks import Generator, GeneratorOutput

Scores = dict[str, dict[str, float]]

PIXELS = 2**20
"""In a batch, padded: 16 pictures of 256x256."""

READERS = 4


def evaluate(generator: Generator, pairs: Sequence[Pair], device: torch.device) -> Scores:
    """Mean PSNR (dB) and SSIM per level and over levels (``mean``), on whole pictures in eval mode.

    A generator that finds damage also gets ``precision``, ``recall`` and ``iou`` of its mask, in [0, 1], as
    means over the pictures that have them (see ``MaskCounts.figures``).
    """
    generator.eval()
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with torch.inference_mode():
        for level, batch in _batches(pairs):
            sample = Sample(*(part.to(device) for part in batch))
            output = restore_whole(generator, sample.degraded)
            restored, clean = to_unit(output.restored), to_unit(sample.clean)
            scores = found[level]
            for name, metric in METRICS.items():
                scores[name] += metric.function(restored, clean, None).tolist()
            if output.mask is not None:
                for counts in count_masks(output.mask, sample.mask):
                    for name, value in counts.figures().items():
                        scores[name].append(value)
    levels = {
        level: {name: float(np.mean(values)) for name, values in scores.items()}
        for level, scores in found.items()
    }
    names = {name: None for scores in levels.values() for name in scores}
    levels["mean"] = {
        name: float(np.mean([scores[name] for scores in levels.values() if name in scores])) for name in names
    }
    return levels


def restore_whole(generator: Generator, degraded: Tensor) -> GeneratorOutput:
    """``restored`` and ``mask`` for (N, 3, H, W) in [-1, 1] of any size: padded at the bottom and right by
    repeating the edge, and cut again."""
    height, width = degraded.shape[-2:]
    stride = generator.stride
    padded = functional.pad(degraded, (0, -width % stride, 0, -height % stride), mode="replicate")
    output = generator(padded)
    mask = None if output.mask is None else output.mask[..., :height, :width]
    return GeneratorOutput(output.restored[..., :height, :width], mask)


def count_masks(found: Tensor, true: Tensor) -> list[MaskCounts]:
    """Masks (N, 1, H, W) in [0, 1], found and true, counted where they lie: N counts."""
    verdict, truth = found > TAKEN_FOR_DAMAGED, true > 0.5
    counted = [marked.flatten(1).sum(dim=1) for marked in (verdict & truth, verdict, truth)]
    return [MaskCounts(*counts) for counts in torch.stack(counted, dim=1).tolist()]


def sample_sheet(generator: Generator, pairs: Sequence[Pair], device: torch.device) -> Bytes:
    """Degraded, restored, mask and clean of each pair side by side, a pair a row: (H, W, 3) uint8.

    The mask is the one that the generator found, or the true one if it finds none.
    """
    generator.eval()
    rows = []
    with torch.inference_mode():
        for pair in pairs:
            sample = eval_transform(pair)
            output = restore_whole(generator, sample.degraded.to(device))
            title, mask = ("true mask", sample.mask) if output.mask is None else ("found mask", output.mask)
            shown = {
                "degraded": sample.degraded,
                "restored": output.restored,
                title: from_unit(mask).expand(-1, 3, -1, -1),
                "clean": sample.clean,
            }
            rows.append(
                SheetRow(
                    f"{pair.level}: {pair.stem}", {name: from_network(part) for name, part in shown.items()}
                )
            )
    return draw_sheet(rows)


def pairs_to_show(pairs: Sequence[Pair], count: int = 6) -> list[Pair]:
    """The same few in every epoch: the first of each level, then the second of each, ..."""
    by_level = [list(group) for _, group in groupby(sorted(pairs, key=_level), key=_level)]
    longest = max((len(group) for group in by_level), default=0)
    return [group[place] for place in range(longest) for group in by_level if place < len(group)][:count]


def _batches(pairs: Sequence[Pair]) -> Iterator[tuple[str, Sample]]:
    """Neighbours of one level and size together, in order; files are read ahead while the device works."""
    with ThreadPoolExecutor(READERS) as readers:
        waiting: list[Sample] = []
        level = ""
        for ahead in range(0, len(pairs), 64):
            piece = pairs[ahead : ahead + 64]
            for pair, sample in zip(piece, readers.map(eval_transform, piece), strict=True):
                pixels = sample.mask.numel()
                if waiting and (
                    pair.level != level
                    or sample.mask.shape != waiting[0].mask.shape
                    or (len(waiting) + 1) * pixels > PIXELS
                ):
                    yield level, collate(waiting)
                    waiting = []
                level = pair.level
                waiting.append(sample)
        if waiting:
            yield level, collate(waiting)


def _level(pair: Pair) -> str:
    return pair.level
