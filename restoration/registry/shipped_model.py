"""The model that comes with Pulih, used wherever no other is named."""

from pathlib import Path

from django.conf import settings

DATA_LICENCE = (
    "For research: several sources of the faces are for research only or state no licence. "
    "The model card names them."
)


def shipped_weights() -> Path:
    """Where the shipped weights lie; their card (.md), benchmark (.json) and log (.jsonl) lie beside them."""
    return Path(settings.BASE_DIR) / "mlcore" / "weights" / "pulih-faces-4.safetensors"


def benchmarks_beside(weights: Path) -> list[Path]:
    """What was measured of weights on other sets of pictures: NAME.SET.json beside NAME.json."""
    return sorted(weights.parent.glob(f"{weights.stem}.*.json"))
