"""Thousands of broken pictures through everything that an upload goes through: an answer each time."""

import random
import time
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from archive.errors import InputError
from archive.files.digests import sha256_of
from archive.files.renditions import draft_renditions
from archive.formats.decoders import embedded_metadata
from archive.formats.sniffing import sniff_image
from archive.messages import MESSAGES
from archive.zooming.pyramids import write_tiles
from mlcore.errors import MlcoreError
from mlcore.masters import open_master
from tests.archive.corpus import SAMPLES
from tests.archive.hostile.mutating import mutated

LONGEST = 10
"""Seconds."""
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


def answers(folder: Path, count: int) -> Counter[str]:
    """What became of so many mutations of the corpus. Fails at the first that took too long or raised
    anything but a refusal, and leaves it in `folder`.
    """
    found: Counter[str] = Counter()
    path = folder / "file"
    for seed in range(count):
        name, content = broken(seed)
        path.write_bytes(content)
        started = time.monotonic()
        code = answer(path)
        found[code] += 1
        assert (name, seed, code) != (name, seed, STOPPED)
        assert time.monotonic() - started < LONGEST, (name, seed)
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


def opened_and_cut(folder: Path, seeds: Iterable[int]) -> Counter[str]:
    """What the worker makes of those of these mutations that were accepted: the master as restorations read
    it, and the tiles. Fails at the first that raises anything but a refusal.
    """
    found: Counter[str] = Counter()
    path = folder / "file"
    for seed in seeds:
        name, content = broken(seed)
        path.write_bytes(content)
        try:
            sniff_image(path)
        except InputError:
            continue
        found["accepted"] += 1
        try:
            with open_master(path, folder) as master:
                for page in master.pages:
                    page.seen(0, min(page.height, 8))
            found["opened"] += 1
        except MlcoreError:
            found["refused as a master"] += 1
        except Exception as error:
            raise AssertionError((name, seed)) from error
        try:
            write_tiles(path, sha256_of(path))
            found["cut"] += 1
        except OSError:
            found["refused as tiles"] += 1
        except Exception as error:
            raise AssertionError((name, seed)) from error
    return found


def test_what_was_accepted_opens_as_a_master_and_is_cut_into_tiles(media_root: Path, tmp_path: Path) -> None:
    # The last one's palette has more entries than its samples can name.
    found = opened_and_cut(tmp_path, [*range(100), 2246])
    assert found["opened"] >= 15
    assert found["cut"] >= 15


@pytest.mark.exhaustive
def test_thousands_that_were_accepted_open_and_are_cut(media_root: Path, tmp_path: Path) -> None:
    found = opened_and_cut(tmp_path, range(4_000))
    assert found["opened"] >= 600
    assert found["cut"] >= 600


def test_a_seed_stands_for_its_bytes() -> None:
    content = SAMPLES["webp"].make()
    assert mutated(content, 7) == mutated(content, 7) != content
