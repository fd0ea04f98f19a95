"""The restorer's promises about speed, memory and seams, each as a ratio measured in one run.

    python -m benchmarks.inference                          # all but the largest picture, some minutes
    python -m benchmarks.inference --only speed --rounds 15
    python -m benchmarks.inference --only files --megapixels 1 12 139
    python -m benchmarks.inference --only files --megapixels 12 139 --kind jpeg-progressive --invention 8

speed:   one 256x256 picture, one thread, processor time, taking turns: unet_256 and the shipped network in
         eager float32 against the engines; how close each engine comes to the network's own answer, and what
         it costs in dB against the undamaged pictures.
files:   whole files in, whole files out, each in a process of its own: processor time and peak memory.
         A picture of N megapixels is N pictures of one megapixel side by side, each damaged. In the kind
         of file that is asked for, and out as Pulih gives it; with as many passes for the invention map.
seams:   the same picture in other tiles and in one piece, and how steep it is across borders of tiles.
workers: one process alone against two at a time, on processor time and on wall time, a thread each.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import tifffile
import torch
from numpy.typing import NDArray
from skimage import data

from mlcore.checkpoints import load_generator
from mlcore.degradation import LEVELS, degrade
from mlcore.images import Bytes, find_images, load_rgb, save_png, to_network
from mlcore.inference import ArrayPage, Restorer
from mlcore.inference.blending import BlendingPlan
from mlcore.inference.pictures import Canvas, Floats
from mlcore.masters.vips import libvips
from mlcore.networks import UNetGenerator
from mlcore.process_memory import peak_bytes

SAMPLES = ("astronaut", "coffee", "chelsea", "rocket")
SIDE = 256
CELL = 1000
"""Pixels: the side of one of the pictures of which large ones are put together."""

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("", {}),
    "png-interlaced": ("pngsave", {"interlace": True, "compression": 1}),
    "jpeg": ("jpegsave", {"Q": 92}),
    "jpeg-progressive": ("jpegsave", {"Q": 92, "interlace": True}),
    "webp": ("webpsave", {"lossless": True, "effort": 0}),
    "tiff-one-strip-lzw": ("", {}),
}
"""How libvips writes a kind of file; the empty are written otherwise. All but "png" and "jpeg" are held whole
by whoever decodes them."""


def sample(number: int, side: int) -> Bytes:
    """An undamaged picture, (side, side, 3) uint8."""
    picture = getattr(data, SAMPLES[number % len(SAMPLES)])()
    short = min(picture.shape[:2])
    return np.asarray(cv2.resize(picture[:short, :short], (side, side), interpolation=cv2.INTER_AREA))


def damaged(number: int, side: int) -> Bytes:
    """The same, damaged by the recipes in turn."""
    return degrade(sample(number, side), LEVELS[number % len(LEVELS)], number).image


def mosaic(megapixels: int) -> Bytes:
    """``megapixels`` damaged pictures of one megapixel, as square as they can be put."""
    cells = [damaged(number, CELL) for number in range(min(megapixels, 12))]
    across = max(width for width in range(1, megapixels + 1) if width * width <= megapixels)
    down = megapixels // across
    rows = [
        np.concatenate([cells[(row * across + column) % len(cells)] for column in range(across)], axis=1)
        for row in range(down)
    ]
    rest = megapixels - across * down
    if rest:
        strip = np.concatenate([cells[column % len(cells)] for column in range(across)], axis=1)
        rows.append(strip[: rest * CELL // across])
    return np.concatenate(rows)


def psnr(one: Floats, other: Floats) -> float:
    """In dB, of two pictures in [-1, 1]."""
    return float(10 * np.log10(4 / max(float(np.mean((one - other) ** 2)), 1e-12)))


def restored(restorer: Restorer, image: Bytes) -> Floats:
    """(H, W, 3) float32 in [-1, 1], before it is rounded."""
    whole = np.empty(image.shape, np.float32)

    def keep(top: int, rows: Floats, share: Floats) -> None:
        whole[top : top + len(rows)] = rows

    restorer.repair(ArrayPage(image), keep)
    return whole


def in_turns(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Processor seconds of each contender in each round, after one to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            started = time.process_time()
            run()
            if number:
                seconds[name].append(time.process_time() - started)
    return seconds


def measure_speed(options: argparse.Namespace) -> Iterator[str]:
    """Engines against eager float32."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    plain = UNetGenerator().eval()
    own = load_generator(options.model).generator
    engines = {
        "restorer, torch": Restorer(own, engine="torch"),
        "restorer, openvino": Restorer(own, engine="openvino"),
        "restorer, openvino, quick": Restorer(own, engine="openvino", quick=True),
    }
    image = damaged(2, SIDE)
    tensor = to_network(image)

    def eager(network: torch.nn.Module) -> Callable[[], object]:
        def run() -> None:
            with torch.inference_mode():
                network(tensor)

        return run

    contenders: dict[str, Callable[[], object]] = {
        "unet_256, eager": eager(plain),
        "own network, eager": eager(own),
    }
    for name, restorer in engines.items():
        contenders[name] = lambda restorer=restorer: restored(restorer, image)
    seconds = in_turns(contenders, options.rounds)
    first = seconds["unet_256, eager"]
    yield f"256x256, batch 1, one thread, median of {options.rounds} rounds, processor time"
    for name, taken in seconds.items():
        ratio = median(before / after for before, after in zip(first, taken, strict=True))
        yield f"  {name:26} {1000 * median(taken):7.1f} ms   {ratio:5.2f} times as fast as unet_256"
    yield from _closeness(own, engines, options)


def _closeness(
    own: torch.nn.Module, engines: dict[str, Restorer], options: argparse.Namespace
) -> Iterator[str]:
    """Each engine against the network's own answer, and against the undamaged pictures."""
    cleans = [load_rgb(path) for path in find_images(options.clean)[:25]] if options.clean else []
    cleans = [clean for clean in cleans if clean.shape == (SIDE, SIDE, 3)] or [
        sample(number, SIDE) for number in range(len(SAMPLES))
    ]
    close: dict[str, list[float]] = {name: [] for name in engines}
    lost: dict[str, list[float]] = {name: [] for name in engines}
    for number, clean in enumerate(cleans):
        truth = clean.astype(np.float32) / 127.5 - 1
        for level in LEVELS:
            image = degrade(clean, level, number).image
            with torch.inference_mode():
                answer = own(to_network(image)).restored[0].permute(1, 2, 0).numpy()
            for name, restorer in engines.items():
                result = restored(restorer, image)
                close[name].append(psnr(result, answer))
                lost[name].append(psnr(answer, truth) - psnr(result, truth))
    yield f"{len(cleans)} pictures x {len(LEVELS)} levels, against the network's own float32 answer"
    for name in engines:
        yield (
            f"  {name:26} worst {min(close[name]):6.1f} dB, mean {np.mean(close[name]):6.1f} dB; "
            f"costs {np.mean(lost[name]):6.3f} dB against the undamaged pictures"
        )


def measure_files(options: argparse.Namespace) -> Iterator[str]:
    """Whole files of several sizes."""
    yield (
        f"files, {options.threads} thread(s), quick: {options.quick}; {options.kind} in, "
        f"{options.invention} passes for invention"
    )
    first: dict[str, float] | None = None
    for megapixels in options.megapixels:
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            source = Path(folder) / "source"
            write_kind(source, mosaic(megapixels), options.kind)
            measured = _apart("file", source, options)
        first = first or measured
        ratio = measured["cpu"] / first["cpu"]
        peak, loaded = (measured[key] / 2**20 for key in ("peak", "loaded"))
        yield (
            f"  {megapixels:4} MP {measured['cpu']:8.1f} s of processor time ({ratio:6.2f} times the first), "
            f"{measured['wall']:8.1f} s of wall time, peak {peak:5.0f} MiB, {loaded:5.0f} with the model"
        )


def write_kind(path: Path, picture: Bytes, kind: str) -> None:
    """Write the (H, W, 3) uint8 picture as a file of one of KINDS."""
    if kind == "tiff-one-strip-lzw":
        tifffile.imwrite(path, picture, photometric="rgb", rowsperstrip=len(picture), compression="lzw")
    elif kind == "png":
        save_png(path, picture)
    else:
        saver, values = KINDS[kind]
        getattr(libvips().Image.new_from_array(picture), saver)(str(path), **values)


def measure_workers(options: argparse.Namespace) -> Iterator[str]:
    """Two workers at a time against one."""
    options = argparse.Namespace(**{**vars(options), "threads": 1, "invention": 0})
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        source = Path(folder) / "source.png"
        save_png(source, mosaic(2))
        alone = _apart("file", source, options)
        pair = [_start("file", source, options) for _ in range(2)]
        together = [json.loads(process.communicate()[0]) for process in pair]
    cpu, wall = (max(one[key] for one in together) / alone[key] for key in ("cpu", "wall"))
    yield "two workers, a thread each, against one alone (1.00: they do not disturb each other)"
    yield f"  processor time {cpu:4.2f}, wall time {wall:4.2f}"


def measure_seams(options: argparse.Namespace) -> Iterator[str]:
    """The same picture in one piece, in tiles, and in tiles that lie elsewhere."""
    torch.set_num_threads(options.threads)
    image = mosaic(4)
    tiled, elsewhere, whole = (
        restored(Restorer.from_checkpoint(options.model, tile=tile), image) for tile in (1024, 1280, 2048)
    )
    levels = float(np.abs(tiled - elsewhere).mean() * 127.5)
    yield "4 MP in tiles of 1024"
    yield f"  against another grid: mean difference {levels:.4f} of 255, {psnr(tiled, elsewhere):.1f} dB"
    yield f"  against the picture in one piece: {psnr(tiled, whole):.1f} dB"
    across = _borders(image) & (np.abs(tiled - (image / np.float32(127.5) - 1)) > 1e-3).any(axis=2)[:, 1:]
    steep, steep_in_one = (
        float(np.abs(np.diff(picture, axis=1)).mean(axis=2)[across].mean()) for picture in (tiled, whole)
    )
    yield f"  gradients across borders of tiles: {steep / steep_in_one:.4f} times those there in one piece"


def _borders(image: Bytes) -> NDArray[np.bool_]:
    """(H, W - 1), which steps from a column to the next lie where tiles of 1024 are blended."""
    plan = BlendingPlan(Canvas(ArrayPage(image), 64), tile=1024, overlap=128, stride=64)
    borders = np.zeros((image.shape[0], image.shape[1] - 1), bool)
    for column in plan.columns[1:]:
        borders[:, column.used_start - 1 : column.used_start + column.lead_in] = True
    return borders


def restore_one(options: argparse.Namespace) -> dict[str, float]:
    """One file in this process."""
    restorer = Restorer.from_checkpoint(options.model, quick=options.quick, threads=options.threads)
    loaded = peak_bytes()
    cpu, wall = time.process_time(), time.monotonic()
    target = options.source.with_name(str(time.monotonic_ns()))
    restorer.restore_file(
        options.source, target, scratch=options.source.parent, invention_passes=options.invention
    )
    spent = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
    return spent | {"loaded": loaded, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def _start(one: str, source: Path, options: argparse.Namespace) -> "subprocess.Popen[str]":
    arguments = ["--one", one, "--source", source, "--model", options.model, "--threads", options.threads]
    arguments += ["--invention", options.invention]
    command = [sys.executable, "-m", "benchmarks.inference", *map(str, arguments)]
    return subprocess.Popen(
        [*command, *(["--quick"] if options.quick else [])], stdout=subprocess.PIPE, text=True
    )


def _apart(one: str, source: Path, options: argparse.Namespace) -> dict[str, float]:
    """``restore_one`` in a process of its own."""
    process = _start(one, source, options)
    answer, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{source.name}: the process that restores it failed")
    measured: dict[str, float] = json.loads(answer)
    return measured


MEASURES = {
    "speed": measure_speed,
    "files": measure_files,
    "seams": measure_seams,
    "workers": measure_workers,
}


def main() -> None:
    shipped = sorted((Path(__file__).parents[1] / "mlcore" / "weights").glob("*.safetensors"))[-1]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=shipped, help="weights file (default: the shipped one)")
    parser.add_argument("--only", choices=MEASURES, nargs="+", default=list(MEASURES))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="files and workers in 8 bits")
    parser.add_argument("--megapixels", type=int, nargs="+", default=[1, 12])
    parser.add_argument("--kind", choices=KINDS, default="png", help="of the files (default: %(default)s)")
    parser.add_argument("--invention", type=int, default=0, help="passes for the invention map of a file")
    parser.add_argument("--clean", type=Path, help="folder of undamaged 256x256 pictures for the dB")
    parser.add_argument("--scratch", type=Path, help="folder on disk for large temporary files")
    parser.add_argument("--one", choices=["file"], help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(restore_one(options)))
        return
    for name in options.only:
        for line in MEASURES[name](options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
