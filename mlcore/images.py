"""The one place that knows value ranges, and the only one that turns bytes into numbers and back.

* *bytes*: ``uint8`` in [0, 255], arrays of shape (H, W, 3), RGB
* *unit*: ``float32`` in [0, 1], tensors of shape (N, 3, H, W); what metrics take
* *network*: ``float32`` in [-1, 1], tensors of shape (N, 3, H, W); what networks take and give

Training and measuring read pictures here, whole and as 8-bit RGB. What is restored for people is read and
written by ``mlcore.masters``, at its own depth and in its own colours, whose ``seen`` is the *network* range.
"""

from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile
from torch import Tensor

from mlcore.errors import ImageError

Bytes = NDArray[np.uint8]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
"""File name endings that folder commands look at; the content decides whether it is a picture."""

_TIFF_PHOTOMETRIC, _TIFF_WHITE_IS_ZERO = 262, 0


def to_network(image: Bytes) -> Tensor:
    """(H, W, 3) uint8 to (1, 3, H, W) float32 in [-1, 1]."""
    tensor = torch.from_numpy(np.array(image.transpose(2, 0, 1))).unsqueeze(0)
    return tensor.float().div_(127.5).sub_(1.0)


def levels_to_network(levels: Tensor) -> Tensor:
    """Any shape, uint8 or float in [0, 255], to float32 in [-1, 1]."""
    return levels.float().div(127.5).sub_(1.0)


def from_network(tensor: Tensor) -> Bytes:
    """(1, 3, H, W) or (3, H, W) in [-1, 1] to (H, W, 3) uint8; values outside are clamped."""
    if tensor.ndim == 4:
        tensor = tensor[0]
    scaled = tensor.detach().float().add(1.0).mul(127.5).round().clamp(0, 255)
    array: Bytes = scaled.to(torch.uint8).permute(1, 2, 0).cpu().contiguous().numpy()
    return array


def to_unit(tensor: Tensor) -> Tensor:
    """[-1, 1] to [0, 1], any shape; values outside are clamped."""
    return tensor.float().add(1.0).mul(0.5).clamp(0.0, 1.0)


def from_unit(tensor: Tensor) -> Tensor:
    """[0, 1] to [-1, 1], any shape."""
    return tensor.mul(2.0).sub(1.0)


def bytes_to_unit(image: Bytes) -> Tensor:
    """(H, W, 3) uint8 to (1, 3, H, W) float32 in [0, 1]."""
    return to_unit(to_network(image))


def mask_to_tensor(mask: Bytes) -> Tensor:
    """(H, W) uint8, damaged where above 127, to (1, 1, H, W) float32 of zeros and ones."""
    return torch.from_numpy(mask > 127).float()[None, None]


def load_rgb(path: Path | str) -> Bytes:
    """``decode_rgb`` of a file. Also raises ``ImageError`` ``mlcore:image:missing``."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            return decode_rgb(file, path.name)
    except FileNotFoundError as error:
        raise ImageError("mlcore:image:missing", f"{path.name}: there is no such file") from error


def decode_rgb(file: BinaryIO, name: str) -> Bytes:
    """Decode a picture whole, upright by its EXIF orientation, as (H, W, 3) uint8 RGB.

    Grey of more than 8 bits is scaled, not clipped: integers from 0..65535, floating point from 0..1 or,
    if it goes beyond 1, from 0 to its maximum. Transparency lies on white. Palette, bilevel, CMYK, YCbCr and
    Lab become RGB; numbers are taken as they are stored, colour profiles are not applied. Of several frames
    the first counts.

    Raises ``ImageError``, which calls it ``name``: ``mlcore:image:unreadable`` (not a picture),
    ``mlcore:image:truncated`` (it begins as one and breaks off), ``mlcore:image:too-large`` or
    ``mlcore:image:unsupported`` (it decodes, but there is no way from it to RGB).
    """
    try:
        with Image.open(file) as opened:
            opened.load()
            zero_is_white = _zero_is_white(opened)
            upright = ImageOps.exif_transpose(opened)
    except UnidentifiedImageError as error:
        raise ImageError("mlcore:image:unreadable", f"{name}: not a picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError("mlcore:image:too-large", f"{name}: {error}") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError("mlcore:image:truncated", f"{name}: damaged file ({error})") from error
    try:
        return np.asarray(_to_eight_bit_rgb(upright, zero_is_white))
    except (OSError, ValueError, ImageCms.PyCMSError) as error:
        raise ImageError("mlcore:image:unsupported", f"{name}: {upright.mode} ({error})") from error


def _to_eight_bit_rgb(image: Any, zero_is_white: bool) -> Any:
    """Any Pillow mode to RGB; see ``decode_rgb``."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
        usual = 1.0 if image.mode == "F" else 65535.0
        scaled = (values * (255.0 / max(usual, values.max(initial=0)))).round().clip(0, 255)
        grey = (255 - scaled if zero_is_white else scaled).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    return image.convert("RGB")


def _zero_is_white(image: Any) -> bool:
    """Whether Pillow leaves a TIFF's "zero is white" to its caller, as it does beyond 8 bits."""
    photometric = image.tag_v2.get(_TIFF_PHOTOMETRIC) if isinstance(image, TiffImageFile) else None
    return bool(image.mode.startswith("I") and photometric == _TIFF_WHITE_IS_ZERO)


def save_png(path: Path | str, image: Bytes) -> None:
    """Write (H, W, 3) RGB or (H, W) grey uint8 as PNG; the file appears whole or not at all."""
    path = Path(path)
    ordered = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    done, encoded = cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ImageError("mlcore:image:unwritable", f"{path.name}: cannot be encoded as PNG")
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(encoded.tobytes())
    temporary.replace(path)


def find_images(folder: Path) -> list[Path]:
    """Picture files below ``folder`` by name ending, in alphanumeric order; hidden files are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")
    )
