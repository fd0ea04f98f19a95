"""Thousands of broken pictures through everything that an upload goes through: an answer each time."""

import os
import random
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from archive.errors import InputError
from archive.files.renditions import draft_renditions
from archive.formats.apart import pool
from archive.formats.decoders import embedded_metadata
from archive.formats.sniffing import sniff_image
from archive.messages import MESSAGES
from tests.archive.corpus import SAMPLES
from tests.archive.hostile.mutating import mutated

LONGEST = 10
"""Seconds of work."""
LONGEST_BY_THE_CLOCK = 60
"""Seconds, for what waits without working; the machine may have other things to do at the same time."""
ACCEPTED, STOPPED = "accepted", "archive:file:decoder-stopped"

_LARGEST = 120_000


@cache
def sound() -> dict[str, bytes]:
    """The corpus' files, by name, but for those that are nearly nothing but pixels."""
    contents = {name: SAMPLES[name].make() for name in sorted(SAMPLES)}
    return {name: content for name, content in contents.items() if len(content) <= _LARGEST}


def broken(seed: int) -> tuple[str, bytes]:
    """One of them, and what became of it."""
    name = random.Random(seed).choice(list(sound()))
    return name, mutated(sound()[name], seed)


def answer(path: Path) -> str:
    """The code of the refusal, or that it is accepted, with renditions and metadata made of it."""
    try:
        sniff_image(path)
    except InputError as error:
        return error.code
    embedded_metadata(path)
    with draft_renditions(path) as drafts:
        assert len(drafts) == 2
    return ACCEPTED


def worked() -> float:
    """Seconds of processor time that this process and its decoders have taken."""
    ticks = 0
    for each in pool.shared.decoders:
        # After the name in brackets, which may hold anything: proc(5), fields 14 and 15.
        fields = Path(f"/proc/{each.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def answers(folder: Path, count: int) -> Counter[str]:
    """What became of so many mutations of the corpus. Fails at the first that took too long or raised
    anything but a refusal, and leaves it in `folder`.
    """
    found: Counter[str] = Counter()
    path = folder / "file"
    for seed in range(count):
        name, content = broken(seed)
        path.write_bytes(content)
        started, before = time.monotonic(), worked()
        code = answer(path)
        found[code] += 1
        assert (name, seed, code) != (name, seed, STOPPED)
        assert worked() - before < LONGEST, (name, seed)
        assert time.monotonic() - started < LONGEST_BY_THE_CLOCK, (name, seed)
    return found


def test_broken_pictures_are_answered(tmp_path: Path) -> None:
    found = answers(tmp_path, 150)
    assert set(found) <= {ACCEPTED, *MESSAGES}
    assert found[ACCEPTED] >= 20
    assert found["archive:file:truncated"] >= 20


# Profiles that look like one and cannot be used, or name their colours in no letters; a page of nothing but
# alpha; places of 64 bits that no file has; strips of more bytes than the file, many widths.
@pytest.mark.parametrize("seed", [292, 381, 855, 2542, 4863, 5202, 10055, 16765])
def test_what_was_found_once_is_answered(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(broken(seed)[1])
    assert answer(path) in {ACCEPTED, *MESSAGES} - {STOPPED}


@pytest.mark.exhaustive
def test_twenty_thousand_broken_pictures_are_answered(tmp_path: Path) -> None:
    found = answers(tmp_path, 20_000)
    assert set(found) <= {ACCEPTED, *MESSAGES}
    assert sum(found.values()) == 20_000


def test_a_seed_stands_for_its_bytes() -> None:
    content = SAMPLES["webp"].make()
    assert mutated(content, 7) == mutated(content, 7) != content
