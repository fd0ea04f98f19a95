"""The model that restores: that its file is there, is the registered one, and restores a picture.

Importing this module loads torch: it is for the command alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import metadata

import numpy as np
import pyvips
from django.conf import settings

from archive.errors import PulihError
from archive.files.storage import sha256_of
from archive.health.findings import Finding, broken, fine, warning
from mlcore.errors import HonestyError
from restoration.models import ModelVersion
from restoration.running.loaded_models import load_restorer

_SIDE = 96
_BACK = "Put the file back from a backup or from Pulih's own folder, "
_OR_NEW = "or register another (manage.py register_model) and promote it (manage.py promote_model)."


def model() -> Iterator[Finding]:
    """The default model: file, hash, loading, and a small picture made with it."""
    model_version = ModelVersion.objects.default().first()
    if model_version is None:
        yield broken(
            "model",
            "none is registered, so nothing can be restored",
            "Run manage.py register_model mlcore/weights/pulih-faces-4.safetensors.",
        )
        return
    path = model_version.weights_file
    if not path.is_file():
        yield broken("model file", f"{path} of {model_version} is missing", _BACK + _OR_NEW)
        return
    if sha256_of(path) != model_version.weights_sha256:
        yield broken(
            "model file", f"{path} is not the file that was registered as {model_version}", _BACK + _OR_NEW
        )
        return
    yield fine("model file", f"{model_version}, as it was registered")
    yield from _restoring(model_version)


def libraries() -> Iterator[Finding]:
    """What computes and what decodes."""
    names = ("torch", "openvino", "numpy", "pillow")
    said = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    vips = ".".join(str(pyvips.version(part)) for part in range(3))
    yield fine("libraries", f"{said}, libvips {vips}")


def _restoring(model_version: ModelVersion) -> Iterator[Finding]:
    begun = time.monotonic()
    try:
        restorer = load_restorer(model_version)
        grey = np.linspace(40, 215, _SIDE).astype(np.uint8)
        picture = np.ascontiguousarray(np.broadcast_to(grey[:, None, None], (_SIDE, _SIDE, 3)))
        result = restorer.restore(picture).image
    except PulihError as error:
        yield broken("model", f"it cannot be loaded: {error}", _BACK + _OR_NEW)
        return
    except HonestyError as error:
        yield broken("model", f"it restores nothing: {error}", _BACK + _OR_NEW)
        return
    except MemoryError:
        yield broken(
            "model",
            "there is too little memory to run it",
            "Give the machine more memory, or run fewer workers (PULIH_WORKERS).",
        )
        return
    seconds = time.monotonic() - begun
    if result.shape != picture.shape or result.dtype != np.uint8:
        yield broken("model", "it makes pictures of another size", _BACK + _OR_NEW)
    elif (mean := float(np.abs(result.astype(float) - picture).mean())) > 64:
        yield warning(
            "model",
            f"it changes a smooth picture by {mean:.0f} of 255 grey levels",
            "Compare it with another model on its page, and promote a better one (manage.py promote_model).",
        )
    else:
        yield fine(
            "model",
            f"loads and restores a small picture in {seconds:.1f} s with {restorer.engine} "
            f"on {restorer.device}, by PULIH_DEVICE={settings.PULIH_DEVICE}",
        )
