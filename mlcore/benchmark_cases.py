"""What a benchmark restores: prepared pairs, or clean pictures that are damaged on the fly.

A ``Subject`` is one picture with all its damages. It holds no pixels, so that it is cheap to hand to another
process, and is damaged alike wherever that is done.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from mlcore.clean_pictures import read_members
from mlcore.dataset import Pair
from mlcore.dataset_writer import centre_square
from mlcore.degradation import LEVELS, degrade, find_zones, seed_for
from mlcore.errors import ImageError
from mlcore.images import Bytes, decode_rgb, load_rgb
from mlcore.pairing import SMALLEST_SIDE


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged picture: (H, W, 3) uint8 twice, and (H, W) uint8, 255 where damaged, or None if not known.

    ``seed``: the run seed of its damage, None where the damage was not drawn here.
    """

    level: str
    seed: int | None
    degraded: Bytes
    clean: Bytes
    mask: Bytes | None


class Subject(Protocol):
    """One picture of the data set ``group``, with all its damages."""

    @property
    def group(self) -> str:
        """The data set's name."""

    @property
    def stem(self) -> str:
        """The picture's name in it."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of its damages."""

    def cases(self, *, one_seed: bool = False) -> Iterator[Case]:
        """Its damages, level by level; ``one_seed``: one of each level. May raise ``ImageError``."""


S = TypeVar("S", bound=Subject)


@dataclass(frozen=True, slots=True)
class PairedSubject:
    """The pairs of one clean picture."""

    group: str
    stem: str
    pairs: tuple[Pair, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """See ``Subject``."""
        return tuple(pair.level for pair in self.pairs)

    def cases(self, *, one_seed: bool = False) -> Iterator[Case]:
        """See ``Subject``; prepared damage is of one seed, which is not known here."""
        for pair in self.pairs:
            mask = load_rgb(pair.mask)[..., 0] if pair.mask else None
            yield Case(pair.level, None, load_rgb(pair.degraded), load_rgb(pair.clean), mask)


@dataclass(frozen=True, slots=True)
class CleanSubject:
    """A clean picture's file, damaged at ``levels`` with each of ``seeds`` as ``degrade_dataset`` would do
    it.

    ``size``: side in pixels of the centre square to work on; None for the whole picture.
    """

    group: str
    stem: str
    content: bytes
    levels: tuple[str, ...]
    seeds: tuple[int, ...]
    size: int | None

    def cases(self, *, one_seed: bool = False) -> Iterator[Case]:
        """See ``Subject``. The face is looked for once for all damages."""
        clean = self.load()
        zones = find_zones(clean)
        sha256 = hashlib.sha256(self.content).hexdigest()
        for level in self.levels:
            for seed in self.seeds[:1] if one_seed else self.seeds:
                damaged = degrade(clean, level, seed_for(sha256, seed, level), zones)
                yield Case(level, seed, damaged.image, clean, damaged.mask)

    def load(self) -> Bytes:
        """The clean picture, (H, W, 3) uint8. ``ImageError`` if it cannot be used."""
        image = decode_rgb(io.BytesIO(self.content), f"{self.group}: {self.stem}")
        height, width = image.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            raise ImageError(
                "mlcore:image:tiny",
                f"{self.group}: {self.stem}: {width}x{height}, needs {SMALLEST_SIDE} pixels",
            )
        return image if self.size is None else centre_square(image, self.size)


def paired_subjects(pairs: Iterable[Pair], group: str) -> list[PairedSubject]:
    """One subject for each clean picture, its levels from light to heavy."""
    by_stem: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_stem.setdefault(pair.stem, []).append(pair)
    return [
        PairedSubject(group, stem, tuple(sorted(of_stem, key=lambda pair: _rank(pair.level))))
        for stem, of_stem in sorted(by_stem.items())
    ]


def clean_subjects(
    sources: Sequence[Path],
    *,
    levels: Sequence[str] = LEVELS,
    seeds: Sequence[int] = (0,),
    size: int | None = None,
) -> list[CleanSubject]:
    """Every picture of folders and tar files; each of these is a group.

    Every file is decoded once, so that one that cannot be used is named before hours are spent:
    ``ImageError``.
    """
    taken = Counter(source.name for source in sources)
    subjects = []
    for source in sources:
        group = source.name if taken[source.name] == 1 else str(source)
        for member in read_members([source]):
            stem = member.name.removeprefix(f"{source.name}:").removeprefix(f"{source.name}/")
            subject = CleanSubject(group, stem, member.content, tuple(levels), tuple(seeds), size)
            subject.load()
            subjects.append(subject)
    return subjects


def choose(subjects: Sequence[S], *, limit: int | None, seed: int) -> list[S]:
    """At most ``limit`` pictures of each group, drawn by ``seed``.

    Pictures come in the drawn order, a group after the other, so that the first few of each are a fair
    sample too.
    """
    chosen: list[S] = []
    for group in groups_of(subjects):
        of_group = [subject for subject in subjects if subject.group == group]
        order = np.random.default_rng(seed).permutation(len(of_group))
        chosen.extend(of_group[place] for place in order[:limit])
    return chosen


def groups_of(subjects: Iterable[Subject]) -> list[str]:
    """The groups that occur, in the order in which they do."""
    return list(dict.fromkeys(subject.group for subject in subjects))


def levels_of(subjects: Iterable[Subject]) -> list[str]:
    """The levels that occur, from light to heavy, and behind them any that have other names."""
    return sorted({level for subject in subjects for level in subject.levels}, key=_rank)


def _rank(level: str) -> tuple[int, str]:
    return (LEVELS.index(level), "") if level in LEVELS else (len(LEVELS), level)
