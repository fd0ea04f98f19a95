"""A large file in parts that fit a limit on files, and whole again. Parts know their hashes."""

import hashlib
import json
from pathlib import Path
from typing import Any

from mlcore.atomic_files import replacing, write_text
from mlcore.checkpoints import sha256_of
from mlcore.errors import CheckpointError

MIB = 2**20
LIST = ".parts.json"


def split_file(path: Path, folder: Path, *, part: int = 15 * MIB) -> list[Path]:
    """Write ``NAME.01``, ``NAME.02``, ... of at most ``part`` bytes and ``NAME.parts.json`` into ``folder``.

    Returns the parts in order. Raises ``CheckpointError`` (``mlcore:parts:missing``) when there is no file.
    """
    if not path.is_file():
        raise CheckpointError("mlcore:parts:missing", f"{path}: there is no such file")
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    entries: list[dict[str, Any]] = []
    with path.open("rb") as stream:
        while content := stream.read(part):
            parts.append(folder / f"{path.name}.{len(parts) + 1:02d}")
            with replacing(parts[-1]) as target:
                target.write(content)
            entries.append({"name": parts[-1].name, "sha256": hashlib.sha256(content).hexdigest()})
    whole = {"name": path.name, "sha256": sha256_of(path), "parts": entries}
    write_text(folder / f"{path.name}{LIST}", json.dumps(whole, indent=2) + "\n")
    return parts


def join_parts(folder: Path, path: Path) -> None:
    """Put the file together that ``folder`` holds in parts; it appears whole and checked or not at all.

    Raises ``CheckpointError``: ``mlcore:parts:missing`` names what is not there, ``mlcore:parts:damaged``
    what is not what was split.
    """
    lists = sorted(folder.glob(f"*{LIST}"))
    if len(lists) != 1:
        raise CheckpointError(
            "mlcore:parts:missing", f"{folder}: one list of parts (*{LIST}) is needed, there are {len(lists)}"
        )
    whole = json.loads(lists[0].read_text(encoding="utf-8"))
    parts = [(folder / Path(entry["name"]).name, entry["sha256"]) for entry in whole["parts"]]
    missing = [part.name for part, _ in parts if not part.is_file()]
    if missing:
        raise CheckpointError("mlcore:parts:missing", f"{folder}: without {', '.join(missing)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    together = hashlib.sha256()
    with replacing(path) as stream:
        for part, sha256 in parts:
            content = part.read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise CheckpointError("mlcore:parts:damaged", f"{part} is not what was split")
            together.update(content)
            stream.write(content)
        if together.hexdigest() != whole["sha256"]:
            raise CheckpointError("mlcore:parts:damaged", f"{lists[0]} does not fit its parts")
