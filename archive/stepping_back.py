"""Work that may wait steps back behind work that somebody waits for."""

from __future__ import annotations

import os
import time
from pathlib import Path

LEAST = 19
"""As far as a process can step back."""

_TRIES = 5
# The kernel lets unprivileged processes do it ten times a second, all of them together.
_REST_SECONDS = 0.12


def step_back(pid: int, nice: int) -> None:
    """Let the process, and what it starts from now on, have what others leave: `nice`, 0 to LEAST.

    For the leader of a session: Linux may share processors out among sessions first ("autogroup"), and then
    minds how nice a process is within its session alone, unless the session itself has been told.
    """
    os.setpriority(os.PRIO_PROCESS, pid, nice)
    for _try in range(_TRIES):
        try:
            Path(f"/proc/{pid}/autogroup").write_text(str(nice))
        except BlockingIOError:
            time.sleep(_REST_SECONDS)
        except OSError:  # another system, no such groups, or the process has ended
            return
        else:
            return
