"""What a reader hands over when it has looked into a master's file."""

from dataclasses import dataclass, field
from typing import Literal

from mlcore.masters.carried import Carried
from mlcore.masters.jpeg_segments import Segment
from mlcore.masters.pages import Sheet
from mlcore.masters.png_chunks import Chunk
from mlcore.masters.tiff_structure import TiffStructure

Format = Literal["tiff", "png", "jpeg", "webp", "bmp"]
ResultFormat = Literal["tiff", "png", "jpeg"]


@dataclass(frozen=True, slots=True)
class Found:
    """``sheets``: the pages. ``carried``: metadata for a result of another container. ``notes``: codes of
    conversions. The container itself, from which a result of the same kind takes everything: ``segments``
    of a JPEG, ``chunks`` of a PNG, ``structure`` of a TIFF.
    """

    format: Format
    sheets: list[Sheet]
    carried: Carried
    notes: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    structure: TiffStructure | None = None
