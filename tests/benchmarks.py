"""What benchmark_metrics would write of a model, made in memory."""

import json
from typing import Any

from restoration.registry.figures import read_benchmark

PICTURES = 4
FIGURES = {
    "light": {"psnr": 33.0, "ssim": 0.97},
    "medium": {"psnr": 28.0, "ssim": 0.91},
    "heavy": {"psnr": 25.0, "ssim": 0.86},
}
DO_NOTHING = {level: {"psnr": 20.0, "ssim": 0.8} for level in FIGURES}
Figures = dict[str, dict[str, float]]


def better_by(change: float, level: str = "heavy", measure: str = "psnr") -> Figures:
    """FIGURES with one of them changed."""
    figures = {name: dict(measures) for name, measures in FIGURES.items()}
    figures[level][measure] += change
    return figures


def record(
    weights_sha256: str,
    figures: Figures = FIGURES,
    *,
    nothing: Figures = DO_NOTHING,
    manifest: str = "a" * 64,
    seed: int = 0,
) -> dict[str, Any]:
    """A benchmark.json about these weights, with intervals of 1 % around each figure."""

    def row(method: str, level: str, measures: dict[str, float]) -> dict[str, Any]:
        return {
            "method": method,
            "title": {"model": "best", "nothing": "do nothing"}[method],
            "told_mask": False,
            "group": None,
            "level": level,
            "n": PICTURES,
            "pictures": PICTURES,
            "seconds_per_picture": 0.5,
            **{
                name: {
                    "mean": value,
                    "low": value * 0.99,
                    "high": value * 1.01,
                    "n": PICTURES,
                    "largest": 99.0,
                }
                for name, value in measures.items()
            },
            "pooled": {"iou": 0.5},
        }

    return {
        "schema": 2,
        "created": "2026-11-22T10:00:00+00:00",
        "model": {"path": "runs/best.safetensors", "sha256": weights_sha256, "metadata": {"val": None}},
        "data": {"path": "data/faces-val", "manifest_sha256": manifest},
        "levels": [*figures, "all"],
        "results": [
            *(row("nothing", level, measures) for level, measures in nothing.items()),
            *(row("model", level, measures) for level, measures in figures.items()),
        ],
        "scores": [
            {"method": "model", "group": "faces-val", "stem": f"{number:03}", "level": level, "seed": seed}
            for level in figures
            for number in range(PICTURES)
        ],
    }


def kept(weights_sha256: str, figures: Figures = FIGURES, **options: Any) -> dict[str, Any]:
    """The part of the record that a registered model keeps."""
    return read_benchmark(
        json.dumps(record(weights_sha256, figures, **options)), weights_sha256=weights_sha256
    )
