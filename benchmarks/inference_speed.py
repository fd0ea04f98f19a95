"""Time and memory of ``Restorer`` against the plain way, in one run and on the same pictures.

The plain way is what a few lines of PyTorch do: the whole picture, padded, through the generator in eager
float32. Each measurement has a process of its own, so that peak memory is its own too; both take turns, and
what is counted is processor time, which a busy machine disturbs least. Read the ratios.

    python -m benchmarks.inference_speed
    python -m benchmarks.inference_speed --model mlcore/weights/pulih-faces-2.safetensors --sizes 256 2048
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.nn import functional

from mlcore.checkpoints import load_generator, save_generator
from mlcore.images import Bytes, from_network, to_network
from mlcore.inference import Restorer, change_report
from mlcore.networks import FindFillRefine, Generator

ENGINES = ("plain", "restorer")


def photograph(side: int) -> Bytes:
    """(side, side, 3) uint8: soft shapes, grain and scratches, the same each time."""
    rng = np.random.default_rng(0)
    down, across = np.mgrid[:side, :side] / side
    base = np.stack([across, down, 0.5 + 0.5 * np.sin(9 * across * down)], axis=2) * 220
    image = np.clip(base + rng.normal(0, 4, base.shape), 0, 255).astype(np.uint8)
    image[:: max(side // 7, 1)] = 245
    return image


def restore_plainly(generator: Generator, image: Bytes) -> Bytes:
    """What the plain way makes of (H, W, 3) uint8."""
    height, width = image.shape[:2]
    padding = (0, -width % generator.stride, 0, -height % generator.stride)
    with torch.inference_mode():
        padded = functional.pad(to_network(image), padding, mode="reflect").contiguous()
        return from_network(generator(padded).restored[..., :height, :width])


def measure_here(engine: str, model: Path, side: int, tile: int, result: Path) -> dict[str, float]:
    """One restoration in this process, model loaded before: processor seconds, and growth of memory in MB."""
    image = photograph(side)
    generator = load_generator(model).generator
    restorer = Restorer(generator, tile=tile) if engine == "restorer" else None
    before = peak_megabytes()
    started = time.process_time()
    if restorer:
        restored = restorer.restore(image, keep_mask=False).image
    else:
        restored = restore_plainly(generator, image)
    seconds = time.process_time() - started
    np.save(result, restored)
    return {"seconds": seconds, "megabytes": peak_megabytes() - before}


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_apart(
    engine: str, side: int, options: argparse.Namespace, *, model: Path, result: Path
) -> dict[str, float]:
    """The same in a process of its own."""
    arguments = ["--one", engine, "--model", model, "--sizes", side]
    arguments += ["--tile", options.tile, "--threads", options.threads]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.inference_speed", *map(str, arguments), "--result", str(result)],
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="weights file (default: the default network, untrained)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 1024, 2048], help="sides in pixels")
    parser.add_argument("--tile", type=int, default=1024)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.one:
        print(
            json.dumps(
                measure_here(options.one, options.model, options.sizes[0], options.tile, options.result)
            )
        )
        return

    with tempfile.TemporaryDirectory() as folder:
        model = options.model
        if model is None:
            torch.manual_seed(0)
            model = Path(folder) / "untrained.safetensors"
            generator = FindFillRefine()
            torch.nn.init.zeros_(generator.finder.head.bias)  # undecided, so that every pixel is replaced
            save_generator(model, generator, {})
        print(
            f"torch {torch.__version__}, {options.threads} thread(s), tile {options.tile}, "
            f"median of {options.repeats}; processor seconds, peak memory above the loaded model"
        )
        print("size   plain s  restorer s  time ratio  plain MB  restorer MB  max diff  mean diff")
        for side in options.sizes:
            runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
            files = {engine: Path(folder) / f"{engine}.npy" for engine in ENGINES}
            for _ in range(options.repeats):
                for engine in ENGINES:
                    runs[engine].append(
                        measure_apart(engine, side, options, model=model, result=files[engine])
                    )
            seconds, megabytes = (
                {engine: median(run[key] for run in runs[engine]) for engine in ENGINES}
                for key in ("seconds", "megabytes")
            )
            ratio = median(
                plain["seconds"] / own["seconds"]
                for plain, own in zip(runs["plain"], runs["restorer"], strict=True)
            )
            change = change_report(np.load(files["plain"]), np.load(files["restorer"]))
            print(
                f"{side:4d}  {seconds['plain']:8.2f}  {seconds['restorer']:10.2f}  {ratio:10.2f}"
                f"  {megabytes['plain']:8.0f}  {megabytes['restorer']:11.0f}"
                f"  {change['max_change']:8.0f}  {change['mean_change']:9.4f}"
            )


if __name__ == "__main__":
    main()
