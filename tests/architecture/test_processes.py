"""What a process of each kind loads: looked at in real processes, since this one has loaded everything
already."""

import os
import subprocess
import sys

from tests.architecture.source_tree import ROOT

WEB_PROCESS = """
import sys
import config.wsgi
from django.urls import get_resolver

def callbacks(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from callbacks(pattern)
        else:
            yield pattern.callback

count = len(list(callbacks(get_resolver())))
heavy = sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "torchvision", "cv2", "skimage"})
print(count > 20, heavy)
"""

MLCORE_ALONE = """
import importlib, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "rest_framework", "archive", "restoration", "config"}:
            raise ImportError(f"mlcore must do without {name}")

sys.meta_path.insert(0, Refuse())
import mlcore
names = [module.name for module in pkgutil.walk_packages(mlcore.__path__, "mlcore.")]
for name in names:
    importlib.import_module(name)
print(len(names) > 5)
"""


def run_python(source: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_web_process_never_loads_torch() -> None:
    assert run_python(WEB_PROCESS) == "True []"


def test_mlcore_works_without_django_and_the_platform() -> None:
    assert run_python(MLCORE_ALONE) == "True"
