"""What travels from a master to a result of another container: metadata that every container has room for."""

from dataclasses import dataclass, field

from mlcore.masters.tiff_structure import Directory, read_exif

ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 282, 283, 296
_METRES = {2: 0.0254, 3: 0.01}


@dataclass(frozen=True, slots=True)
class Carried:
    """``exif``: a block that begins as a TIFF does. ``xmp``: a packet. ``iptc``: IIM records. ``density``:
    pixels a metre, across and down. ``comments``: free text.
    """

    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    density: tuple[float, float] | None = None
    comments: tuple[str, ...] = field(default=())


def orientation_in(directory: Directory | None) -> int:
    """EXIF orientation 1 to 8; 1 where there is none or nonsense."""
    value = directory.number(ORIENTATION, 1) if directory else 1
    return value if 1 <= value <= 8 else 1


def orientation_of(exif: bytes | None) -> int:
    """``orientation_in`` an EXIF block."""
    return orientation_in(read_exif(exif)) if exif else 1


def density_in(directory: Directory | None) -> tuple[float, float] | None:
    """Pixels a metre by the resolution tags, None where they say nothing in a unit of length."""
    if directory is None:
        return None
    metres = _METRES.get(directory.number(RESOLUTION_UNIT, 2))
    across, down = directory.fractions(X_RESOLUTION), directory.fractions(Y_RESOLUTION)
    if metres is None or not across or not down or 0 in (*across[0], *down[0]):
        return None
    return across[0][0] / across[0][1] / metres, down[0][0] / down[0][1] / metres
