"""Clean pictures and layers of damage in memory, prepared ahead so that training draws nothing itself."""

import json
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mlcore.clean_pictures import Member, read_members, squares_of
from mlcore.degradation import ARCHIVE, LOSSES, RECIPES, Box, draw_layer, find_faces, zones_of
from mlcore.errors import ImageError, TrainingError
from mlcore.images import Bytes

FORMAT = "pulih-clean-bank-1"
LEVEL_WEIGHTS: Mapping[str, float] = {
    "light": 1.0,
    "medium": 1.0,
    "heavy": 1.0,
    ARCHIVE: 2.0,
    LOSSES: 0.75,
}
"""How often each recipe is drawn."""

Result = TypeVar("Result")
OnProgress = Callable[[str, int, int | None], None]
"""Called with the stage ("pictures", say), how many are done, and of how many where that is known."""


@dataclass(frozen=True, slots=True)
class CleanBank:
    """``pictures``: (N, 3, side, side) uint8. ``layers``: (M, 4, side, side) uint8, see
    ``DamageLayer.quantised``. ``owners``: (M,) int64 in rising order, the picture whose faces a layer knows.
    ``levels``: each layer's recipe. ``bad``: files left out, with reasons.
    """

    pictures: Tensor
    layers: Tensor
    owners: Tensor
    levels: tuple[str, ...]
    bad: tuple[str, ...] = field(default=())

    @property
    def side(self) -> int:
        """Pixels."""
        return int(self.pictures.shape[-1])

    def to(self, device: torch.device | str) -> "CleanBank":
        """The same with pictures and layers on a device; owners stay where they are."""
        return replace(self, pictures=self.pictures.to(device), layers=self.layers.to(device))

    def save(self, path: Path) -> None:
        """Write to one file (safetensors); it appears whole or not at all."""
        notes = {"format": FORMAT, "levels": json.dumps(self.levels), "bad": json.dumps(self.bad)}
        tensors = {"pictures": self.pictures, "layers": self.layers, "owners": self.owners}
        temporary = path.with_name(f".{path.name}.part")
        save_file({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, temporary, notes)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "CleanBank":
        """Read what ``save`` wrote. Raises ``TrainingError`` (``mlcore:bank:unreadable``)."""
        try:
            with safe_open(path, framework="pt") as file:
                notes = file.metadata() or {}
                if notes.get("format") != FORMAT:
                    raise TrainingError("mlcore:bank:unreadable", f"{path.name} is not a bank of pictures")
                tensors = {name: file.get_tensor(name) for name in ("pictures", "layers", "owners")}
        except (OSError, SafetensorError) as error:
            raise TrainingError("mlcore:bank:unreadable", f"{path.name}: {error}") from error
        return cls(**tensors, levels=tuple(json.loads(notes["levels"])), bad=tuple(json.loads(notes["bad"])))


def build_bank(
    sources: Sequence[Path],
    *,
    side: int = 256,
    layers: int = 6000,
    weights: Mapping[str, float] = LEVEL_WEIGHTS,
    squares: int = 4,
    seed: int = 0,
    workers: int = 0,
    on_progress: OnProgress | None = None,
) -> CleanBank:
    """Load clean pictures from folders and tar files and draw damage for them.

    ``layers``: how many to draw, spread evenly over the pictures, each level as often as its weight says.
    ``squares``: at most so many from a picture that is larger than ``side``. ``workers``: processes, started
    afresh (safe with CUDA in this one); 0 works in this process. The same arguments give the same bank,
    whatever the number of workers.
    Raises ``TrainingError`` (``mlcore:bank:empty``), ``ImageError`` for a source that cannot be opened, and
    ``ValueError`` for an unknown level.
    """
    unknown = set(weights) - set(RECIPES)
    if unknown or sum(weights.values()) <= 0:
        raise ValueError(f"weights of {', '.join(weights)}; levels are {', '.join(RECIPES)}")
    tell = on_progress or (lambda _stage, _done, _total: None)
    found: list[Bytes] = []
    faces: list[list[Box]] = []
    bad: list[str] = []
    with _executor(workers) as executor:
        files = (
            (member, side, (seed, 0, number), squares) for number, member in enumerate(read_members(sources))
        )
        for number, cut in enumerate(_in_order(executor, _cut, files, workers), start=1):
            if cut.problem:
                bad.append(cut.problem)
            found.extend(cut.squares)
            faces.extend(cut.faces)
            tell("pictures", number, None)
        if not found:
            raise TrainingError(
                "mlcore:bank:empty", f"no usable picture in {', '.join(str(source) for source in sources)}"
            )
        pictures = torch.empty((len(found), 3, side, side), dtype=torch.uint8)
        for number in reversed(range(len(found))):
            pictures[number] = torch.from_numpy(found.pop()).permute(2, 0, 1)
        owners = np.sort(_spread(layers, len(pictures), seed))
        names = _choose_levels(weights, layers, seed)
        drawn = torch.empty((layers, 4, side, side), dtype=torch.uint8)
        jobs = ((side, faces[owner], names[number], (seed, 1, number)) for number, owner in enumerate(owners))
        for number, layer in enumerate(_in_order(executor, _draw, jobs, workers)):
            drawn[number] = torch.from_numpy(layer)
            tell("layers", number + 1, layers)
    return CleanBank(pictures, drawn, torch.from_numpy(owners), names, tuple(bad))


@dataclass(frozen=True, slots=True)
class _Cut:
    squares: list[Bytes]
    faces: list[list[Box]]
    problem: str = ""


def _cut(member: Member, side: int, seed: tuple[int, ...], most: int) -> _Cut:
    try:
        squares = squares_of(member, side, np.random.default_rng(seed), most)
    except ImageError as error:
        return _Cut([], [], f"{error.message} [{error.code}]")
    squares = [np.array(square) for square in squares]
    return _Cut(squares, [find_faces(square) for square in squares])


def _draw(side: int, faces: list[Box], level: str, seed: tuple[int, ...]) -> Bytes:
    return draw_layer(zones_of(side, side, faces), level, seed).quantised()


def _spread(layers: int, pictures: int, seed: int) -> np.ndarray:
    """Owners of layers: every picture before any comes again."""
    rng = np.random.default_rng((seed, 2))
    laps = [rng.permutation(pictures) for _ in range(-(-layers // pictures))]
    return np.concatenate([*laps, np.zeros(0, np.int64)])[:layers].astype(np.int64)


def _choose_levels(weights: Mapping[str, float], layers: int, seed: int) -> tuple[str, ...]:
    shares = np.array(list(weights.values()), np.float64)
    rng = np.random.default_rng((seed, 3))
    return tuple(str(name) for name in rng.choice(list(weights), layers, p=shares / shares.sum()))


def _executor(workers: int) -> "ProcessPoolExecutor | nullcontext[None]":
    """New interpreters: a fork would carry over threads and a CUDA context that do not survive it."""
    if workers == 0:
        return nullcontext()
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread)


def _one_thread() -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def _in_order(
    executor: Executor | None,
    function: Callable[..., Result],
    calls: Iterable[tuple[object, ...]],
    workers: int,
) -> Iterator[Result]:
    """Results in the calls' order, with only a few calls waiting, so that memory holds few files."""
    if executor is None:
        for arguments in calls:
            yield function(*arguments)
        return
    waiting: deque[Future[Result]] = deque()
    for arguments in calls:
        waiting.append(executor.submit(function, *arguments))
        if len(waiting) >= workers * 8:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
