"""Nobody outside is told that a process began to restore."""

import subprocess
import sys

LOOK = """
import sys
import mlcore.inference.graphs, mlcore.inference.quick
print([name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module])
"""


def test_openvino_is_loaded_without_what_reports_home() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"
