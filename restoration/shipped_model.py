"""The model that comes with Pulih, used wherever no other is named."""

from pathlib import Path

from django.conf import settings


def shipped_weights() -> Path:
    """Where the shipped weights lie."""
    return Path(settings.BASE_DIR) / "mlcore" / "weights" / "pulih-faces-1.safetensors"
