"""Many stored files with their rows, made without the way that photos take: for checks of whole archives."""

import hashlib
import random
from pathlib import Path

from archive.files.holdings import HELD_AREAS
from archive.files.storage import Area
from archive.models import Original
from tests.stored import stored_path


def store_crowd(count: int, *, seed: int = 1, byte_size: int = 2000) -> list[Path]:
    """Store `count` originals of random bytes, rows and files; their paths."""
    chance = random.Random(seed)
    rows, paths = [], []
    for _ in range(count):
        content = chance.randbytes(byte_size)
        sha256 = hashlib.sha256(content).hexdigest()
        path = stored_path(Area.ORIGINALS, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)
        paths.append(path)
        rows.append(Original(sha256=sha256, byte_size=byte_size, media_type="image/png", width=1, height=1))
    Original.objects.bulk_create(rows, batch_size=500)
    return paths


def flip_bit(path: Path, chance: random.Random) -> None:
    """Turn one bit of the file over, as a disk does."""
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.chmod(0o644)
    path.write_bytes(content)


def put_stranger(chance: random.Random) -> Path:
    """Put a file that no row names where one could stand."""
    path = stored_path(chance.choice(HELD_AREAS), f"{chance.getrandbits(256):064x}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"stranger")
    return path
