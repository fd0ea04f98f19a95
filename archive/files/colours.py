"""The one colour that stands for a picture until it is there."""

from pathlib import Path

from PIL import Image


def mean_colour(path: Path) -> str:
    """The mean of the picture at `path` (a rendition: upright, sRGB) as pages take colours: "#a08560"."""
    with Image.open(path) as image:
        mean = image.convert("RGB").resize((1, 1), Image.Resampling.BOX)
    return f"#{mean.tobytes().hex()}"
