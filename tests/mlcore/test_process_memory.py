"""Peak memory is that of one photo, and what a photo used is given back."""

import subprocess
import sys

from mlcore.process_memory import peak_bytes, restart_peak
from tests.processes import ROOT


def test_peak_memory_starts_again_and_sees_what_comes_and_goes():
    restart_peak()
    before = peak_bytes()
    block = bytearray(200_000_000)
    block[::4096] = b"x" * len(block[::4096])
    del block
    assert 150e6 < peak_bytes() - before < 400e6
    restart_peak()
    assert peak_bytes() < before + 150e6


FREED_BETWEEN_HOLES = """
import ctypes
from mlcore.process_memory import give_back_freed, peak_bytes, restart_peak

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
before = peak_bytes()
blocks = [libc.malloc(100_000) for _ in range(2_000)]
for block in blocks:
    ctypes.memset(block, 1, 100_000)
libc.malloc(1)
for block in blocks:
    libc.free(block)
for tidy in (lambda: None, give_back_freed):
    tidy()
    restart_peak()
    print(peak_bytes() - before)
"""


def test_what_lay_between_holes_is_given_back():
    """Small blocks, every one of which is freed but the last: glibc keeps them all unless it is told.

    In a process of its own, whose heap has no holes from other tests to put the blocks into.
    """
    done = subprocess.run(
        [sys.executable, "-c", FREED_BETWEEN_HOLES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    held, left = map(int, done.stdout.split())
    assert held > 100e6
    assert left < held / 4
