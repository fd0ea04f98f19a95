"""README's tour of the API as it stands there: every snippet in order, in one shell, at a real platform."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.journeys.platform import Platform
from tests.processes import ROOT

TOUR = "Five minutes over the API"


def snippets() -> list[tuple[str, str]]:
    """The language and the text of each."""
    (tour,) = re.findall(rf"^## {TOUR}\n(.*?)^## ", (ROOT / "README.md").read_text(), re.M | re.S)
    found = re.findall(r"^```(\w*)\n(.*?)^```$", tour, re.M | re.S)
    # Whatever looks like code is among them.
    rest = re.sub(r"^```.*?^```$", "", tour, flags=re.M | re.S)
    assert not re.search(r"^(    |\t|```)", rest, re.M)
    return found


def test_the_tour_of_the_api_leads_where_it_says(platform: Platform, tmp_path: Path) -> None:
    script = ["set -euo pipefail"]
    for language, text in snippets():
        assert language in {"sh", "python"}
        script.append(text if language == "sh" else f"python3 - <<'END OF SNIPPET'\n{text}END OF SNIPPET\n")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULIH_", "XDG_"))
    }
    toured = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment
        | {
            "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
            "HOME": str(tmp_path),
            "PULIH_ADDRESS": platform.address,
            "PULIH_PASSWORD": platform.password,
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert toured.returncode == 0, f"{toured.stdout}\n{toured.stderr}"
    assert "1 sent to “Album 4”, 0 there already, 1 restored, 0 failed." in toured.stdout
    pictures = ["scans/torn.png", "mended.png", "restored/torn-restored.png", "restored/torn-70.png"]
    contents = {(tmp_path / name).read_bytes() for name in pictures}
    assert len(contents) == len(pictures)
    for name in pictures:
        with Image.open(tmp_path / name) as image:
            image.load()
