"""What is worth having of a run while it goes on, copied to another folder."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from mlcore.atomic_files import replacing
from mlcore.guards import disk_full_told
from mlcore.run_folder import BEST, CONFIG, ENVIRONMENT, LAST, LOG, SAMPLES

FILES = (LAST, BEST, LOG, CONFIG, ENVIRONMENT)
LATEST_SAMPLES = "samples.png"


class Export:
    """Weights, log, config, environment and the latest sheet of samples of a run, in ``target``: six files.

    Each is copied when it has changed, and appears whole or not at all. ``every``: seconds. Copying raises
    ``TrainingError`` (``mlcore:disk:full``).
    """

    def __init__(
        self, folder: Path, target: Path, every: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder = folder
        self.target = target
        self.every = every
        self._clock = clock
        self._copied = clock()
        self._known: dict[str, tuple[Path, int, int]] = {}

    def copy_if_due(self) -> None:
        """Copy, unless that was done not long ago."""
        if self._clock() - self._copied >= self.every:
            self.copy()

    def copy(self) -> None:
        """Copy what has changed since the last time."""
        self._copied = self._clock()
        with disk_full_told(self.target):
            self.target.mkdir(parents=True, exist_ok=True)
            for name in FILES:
                self._take(self.folder / name, name)
            sheets = sorted((self.folder / SAMPLES).glob("*.png"))
            if sheets:
                self._take(sheets[-1], LATEST_SAMPLES)

    def _take(self, path: Path, name: str) -> None:
        if not path.is_file():
            return
        about = path.stat()
        version = (path, about.st_mtime_ns, about.st_size)
        if self._known.get(name) != version:
            with path.open("rb") as source, replacing(self.target / name) as stream:
                shutil.copyfileobj(source, stream)
            self._known[name] = version
