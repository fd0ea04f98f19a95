"""Which pictures look alike: 64 bits of a picture's coarse frequencies, and how to find near ones by index.

Two scans of one print, or a copy that was scaled or saved again, differ in a few bits; two photographs in
about 32. Whoever looks for hashes within MAX_DISTANCE bits needs no comparison with every other: with the 64
bits in four bands, seven differing bits leave at least one band with at most one, so near ones are among
those that share a band exactly or but for one bit.
"""

from pathlib import Path

from PIL import Image

MAX_DISTANCE = 7
BANDS = 4
BAND_BITS = 16
BAND_MASK = (1 << BAND_BITS) - 1

_BITS = BANDS * BAND_BITS
# A blank picture has no coarse frequencies to speak of, and would be near every other blank one.
_FEWEST_BITS = 8


def perceptual_hash(path: Path) -> int | None:
    """The look of the picture at `path` (a rendition: upright, sRGB) as a signed 64-bit number; None for one
    that is blank, or nearly so.
    """
    # Imported here: it brings SciPy with it, which only an arriving file needs.
    import imagehash

    with Image.open(path) as image:
        bits = imagehash.phash(image)
    number = int(str(bits), 16)
    if not _FEWEST_BITS <= number.bit_count() <= _BITS - _FEWEST_BITS:
        return None
    return number - (1 << _BITS) if number >> (_BITS - 1) else number


def distance(first: int, second: int) -> int:
    """In how many of the 64 bits two hashes differ."""
    return ((first ^ second) & ((1 << _BITS) - 1)).bit_count()


def near_bands(number: int) -> list[list[int]]:
    """For each band, lowest first, the values that a hash within MAX_DISTANCE of `number` may have there, if
    it has none in the others.
    """
    bands = [(number >> (band * BAND_BITS)) & BAND_MASK for band in range(BANDS)]
    return [[value, *(value ^ (1 << bit) for bit in range(BAND_BITS))] for value in bands]
