"""Scalars of a run for TensorBoard, for those who have it installed."""

from pathlib import Path
from typing import Any

from mlcore.errors import TrainingError


class TensorboardLog:
    """Writes into ``FOLDER/tensorboard``. Raises ``TrainingError`` (``mlcore:run:tensorboard``) where the
    package ``tensorboard`` is not installed."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise TrainingError(
                "mlcore:run:tensorboard",
                "writing for TensorBoard needs the package tensorboard: pip install tensorboard",
            ) from error
        self._writer: Any = SummaryWriter(str(folder / "tensorboard"))

    def add(self, line: dict[str, Any]) -> None:
        """Losses, figures and speed of an epoch's line of the log."""
        epoch = line["epoch"]
        scalars = {f"loss/{name}": value for name, value in line["losses"].items()}
        for level, scores in line.get("val", {}).items():
            scalars |= {f"{name}/{level}": value for name, value in scores.items()}
        scalars["images_per_second"] = line["images"] / max(line["seconds"], 1e-9)
        for name, value in scalars.items():
            self._writer.add_scalar(name, value, epoch)
        self._writer.flush()
