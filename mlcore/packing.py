"""Photographs as WebP in tars below a given size, for machines that take only so much."""

import hashlib
import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from mlcore.atomic_files import replacing
from mlcore.clean_bank import OnProgress
from mlcore.clean_pictures import Member, read_members
from mlcore.errors import ImageError, TrainingError
from mlcore.images import Bytes, decode_rgb

QUALITIES = (98, 95, 92, 90, 87, 84, 80, 76, 72, 68, 64, 60)
"""Of WebP, from the best; the first at which everything fits is taken, or the last."""

SAMPLED = 12
"""Each so-manieth picture tells what a quality would cost."""

_BLOCK, _END = 512, 10240


@dataclass(slots=True)
class Packed:
    """What was done. ``tars``: the files written. ``pictures``: how many of each source went in, of how many.
    ``bad``: files left out, with reasons."""

    tars: list[Path]
    quality: int
    pictures: list[tuple[int, int]]
    bad: list[str] = field(default_factory=list)


def pack(
    sources: Sequence[Path],
    target: Path,
    *,
    most: int,
    tars: int = 1,
    side: int | None = None,
    lowest: int = QUALITIES[-1],
    on_progress: OnProgress | None = None,
) -> Packed:
    """Write the pictures of ``sources`` into ``target``, or with several ``tars`` into ``TARGET-1`` and on.

    ``most``: bytes of each tar. ``side``: shorter sides are scaled down to so many pixels. ``lowest``: no
    quality below this is taken. What does not fit even then is left out: of the last source first, within a
    source by hash, so that no part of it is left out as a whole. The same arguments give the same bytes.
    Raises ``ImageError`` for a source that cannot be opened and ``TrainingError`` (``mlcore:bank:empty``).
    """
    tell = on_progress or (lambda _stage, _done, _total: None)
    budget = most * tars
    counts, bad, costs = _survey(sources, side, [step for step in QUALITIES if step >= lowest], tell)
    if not sum(counts):
        raise TrainingError("mlcore:bank:empty", f"no usable picture in {', '.join(map(str, sources))}")
    quality = next((step for step, cost in costs.items() if cost <= budget * 0.97), list(costs)[-1])
    taken: list[tuple[int, int]] = []
    room = [most - _END] * tars
    places: list[list[tuple[str, bytes]]] = [[] for _ in range(tars)]
    done = 0
    for number, (source, count) in enumerate(zip(sources, counts, strict=True)):
        kept: list[tuple[str, bytes]] = []
        for member in read_members([source]):
            picture = _decoded(member, side)
            if picture is not None:
                kept.append((f"{number}/{_stem(member)}.webp", _encoded(picture, quality)))
                done += 1
                tell("pictures", done, sum(counts))
        fitting = 0
        for name, content in sorted(kept, key=lambda entry: hashlib.sha256(entry[1]).digest()):
            size = _BLOCK + -(-len(content) // _BLOCK) * _BLOCK
            place = next((place for place in range(tars) if room[place] >= size), None)
            if place is not None:
                room[place] -= size
                places[place].append((name, content))
                fitting += 1
        taken.append((fitting, count))
    paths = [target.with_stem(f"{target.stem}-{number + 1}") for number in range(tars)]
    paths = [target] if tars == 1 else paths
    for path, entries in zip(paths, places, strict=True):
        _write(path, sorted(entries))
    return Packed(paths, quality, taken, bad)


def _survey(
    sources: Sequence[Path],
    side: int | None,
    qualities: Sequence[int],
    tell: OnProgress,
) -> tuple[list[int], list[str], dict[int, float]]:
    """Usable pictures of each source, reasons for the others, and about how many bytes each quality takes."""
    counts: list[int] = []
    bad: list[str] = []
    costs = dict.fromkeys(qualities, 0.0)
    seen = 0
    for source in sources:
        count = 0
        for member in read_members([source]):
            seen += 1
            tell("looking", seen, None)
            picture = _decoded(member, side, bad)
            if picture is None:
                continue
            if count % SAMPLED == 0:
                for quality in qualities:
                    costs[quality] += SAMPLED * (len(_encoded(picture, quality)) + 1.5 * _BLOCK)
            count += 1
        counts.append(count)
    return counts, bad, costs


def _decoded(member: Member, side: int | None, bad: list[str] | None = None) -> Bytes | None:
    """The picture, no larger than asked for; None, and a line in ``bad``, if it cannot be used."""
    try:
        picture = decode_rgb(io.BytesIO(member.content), member.name)
    except ImageError as error:
        if bad is not None:
            bad.append(f"{error.message} [{error.code}]")
        return None
    height, width = picture.shape[:2]
    if side is None or min(height, width) <= side:
        return picture
    factor = side / min(height, width)
    size = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encoded(picture: Bytes, quality: int) -> bytes:
    done, content = cv2.imencode(
        ".webp", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_WEBP_QUALITY, quality]
    )
    assert done
    return content.tobytes()


def _stem(member: Member) -> str:
    """A file's name that tells where it came from."""
    return member.name.replace(":", "/").rpartition(".")[0].replace("/", "_")


def _write(path: Path, entries: Sequence[tuple[str, bytes]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in entries:
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(content), 0o644
            tar.addfile(about, io.BytesIO(content))
