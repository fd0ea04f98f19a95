"""Peak memory is that of one photo, and what a photo used is given back."""

import ctypes

from restoration.process_memory import give_back_freed, peak_bytes, restart_peak


def test_peak_memory_starts_again_and_sees_what_comes_and_goes():
    restart_peak()
    before = peak_bytes()
    block = bytearray(200_000_000)
    block[::4096] = b"x" * len(block[::4096])
    del block
    assert 150e6 < peak_bytes() - before < 400e6
    restart_peak()
    assert peak_bytes() < before + 150e6


def test_what_lay_between_holes_is_given_back():
    """Small blocks, every one of which is freed but the last: glibc keeps them all unless it is told."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    restart_peak()
    before = peak_bytes()
    blocks = [libc.malloc(100_000) for _ in range(2_000)]
    for block in blocks:
        ctypes.memset(block, 1, 100_000)
    keep = libc.malloc(1)
    for block in blocks:
        libc.free(block)
    restart_peak()
    held = peak_bytes() - before
    assert held > 100e6, "nothing to give back"
    give_back_freed()
    restart_peak()
    assert peak_bytes() - before < held / 4
    libc.free(keep)
