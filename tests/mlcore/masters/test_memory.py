"""A picture of any size costs a process no more memory than some of its rows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlcore.masters.row_files import RowFile
from tests.processes import ROOT

STEPS = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
import numpy as np
from mlcore.masters import Marking, RepairWriter, open_master, open_repair, render_result

def restore(path):
    layer = path.with_suffix(".repair")
    with open_master(path, path.parent) as master:
        with RepairWriter(layer, master) as writer:
            page = master.pages[0]
            for top in range(0, page.height - 8, 400):
                samples, seen = page.samples(top, top + 8), page.seen(top, top + 8)
                share = np.full(samples.shape[:2], 255, np.uint8)
                writer.write_rows(0, top, page.applied(samples, seen, -seen, share), share)
        marking = Marking("Pulih", "test", "0" * 64, datetime(2026, 1, 1, tzinfo=UTC))
        render_result(master, open_repair(layer), path.with_name("result"), marking=marking)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

small, large = map(Path, sys.argv[1:])
restore(small)
before = peak()
restore(large)
print(peak() - before)
"""


@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg"])
def test_a_large_master_is_never_in_memory_whole(tmp_path: Path, suffix: str) -> None:
    """24 megapixels, 72 MB; what counts is how far a process of its own grows from a small one to it."""
    paths = [tmp_path / f"{name}{suffix}" for name in ("small", "large")]
    for path, (height, width) in zip(paths, ((300, 400), (4000, 6000)), strict=True):
        with RowFile(height, width, 3, np.uint8, tmp_path) as rows:
            rows.write(10, np.full((200, width, 3), 90, np.uint8))
            rows.as_vips().write_to_file(str(path))
    command = [sys.executable, "-c", STEPS, *map(str, paths)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert int(told.stdout) < 65
