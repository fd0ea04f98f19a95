"""JPEG masters and results."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mlcore.errors import MasterError
from mlcore.masters import jpeg_segments as container
from mlcore.masters import xmp
from mlcore.masters.carried import Carried, orientation_of
from mlcore.masters.decoding import check_size, fill_by_vips, header_of, truncated, unsupported
from mlcore.masters.found import Found
from mlcore.masters.jpeg_segments import Segment
from mlcore.masters.pages import Channels, Sheet
from mlcore.masters.row_files import RowFile
from mlcore.masters.thumbnails import segments_without
from mlcore.masters.vips import computing, libvips
from mlcore.masters.xmp import Marking

QUALITY = 95

_CHANNELS: dict[int, Channels] = {1: "grey", 3: "rgb", 4: "cmyk"}


def read_jpeg(path: Path) -> Found:
    """Look into a JPEG. Raises MasterError."""
    try:
        with path.open("rb") as file:
            read = container.read_segments(file)
        frame = container.frame_of(read)
    except container.BrokenJpeg as error:
        raise truncated(path.name, error) from error
    check_size(path.name, frame.width, frame.height)
    if frame.bits != 8 or frame.components not in _CHANNELS:
        raise unsupported(path.name, f"JPEG of {frame.bits} bits and {frame.components} channels")

    def load() -> Any:
        return libvips().Image.jpegload(str(path), access="sequential", fail_on="truncated", unlimited=True)

    header_of(load, path.name)
    segments = segments_without(read)
    packet, extension = container.xmp_of(segments)
    exif = container.exif_of(segments)
    carried = Carried(
        icc_profile=container.icc_of(segments),
        exif=exif,
        xmp=xmp.merged(packet, extension) if packet else None,
        iptc=container.iptc_of(segments),
        density=_density(segments),
        comments=tuple(s.body.decode("utf-8", "replace") for s in segments if s.marker == container.COMMENT),
    )
    sheet = Sheet(
        frame.height,
        frame.width,
        _CHANNELS[frame.components],
        np.uint8,
        fill_by_vips(load, path.name),
        orientation=orientation_of(exif),
        icc_profile=carried.icc_profile,
    )
    dropped = {
        "further-pictures-dropped": any(map(_further_pictures, segments)),
        "content-credentials-dropped": any(map(_credentials, segments)),
        "previews-dropped": segments != read,
        "xmp-unreadable-dropped": extension is None and any(map(_is_more_xmp, segments)),
    }
    notes = {note for note, holds in dropped.items() if holds} | xmp.losses(packet) | xmp.losses(extension)
    return Found("jpeg", [sheet], carried, sorted(notes), segments=segments)


def write_jpeg(
    stream: BinaryIO,
    rows: RowFile,
    found: Found,
    marking: Marking,
    folder: Path,
    *,
    on_rows: Callable[[], None],
) -> None:
    """Write the samples ``rows`` (uint8, 1, 3 or 4 channels) with the metadata of ``found``.

    ``on_rows`` is called now and then meanwhile.
    """
    encoded = folder / "encoded.jpg"
    image = rows.as_vips()
    try:
        with computing(image, on_rows):
            image.jpegsave(str(encoded), Q=QUALITY, subsample_mode="off", keep="none")
    except libvips().Error as error:
        raise MasterError("mlcore:master:unwritable", f"cannot be encoded as JPEG ({error})") from error
    packet = xmp.marked(found.carried.xmp, marking)
    extension = None
    if len(container.XMP_MARK) + len(packet) > container.LONGEST:
        packet, extension = xmp.divided(packet)
    kept = _own(found.segments) if found.format == "jpeg" else _made(found.carried)
    place = sum(1 for segment in kept if segment.marker == container.APP0 or _is_exif(segment))
    with_xmp = [*kept[:place], *container.xmp_segments(packet, extension), *kept[place:]]
    with encoded.open("rb") as source:
        container.write_with(with_xmp, source, stream)


def _own(segments: list[Segment]) -> list[Segment]:
    """Every metadata segment that still holds for new pixels, JFIF and EXIF first."""
    kept = [
        segment
        for segment in segments
        if (container.APP0 <= segment.marker <= 0xEF or segment.marker == container.COMMENT)
        and segment.marker != container.APP14
        and not (_is_xmp(segment) or _further_pictures(segment) or _credentials(segment))
    ]
    return sorted(kept, key=lambda segment: (segment.marker != container.APP0, not _is_exif(segment)))


def _made(carried: Carried) -> list[Segment]:
    """Segments for metadata of another container."""
    kept = []
    if carried.density:
        across, down = (min(65535, max(1, round(value / 100))) for value in carried.density)
        body = b"JFIF\0\x01\x02\x02" + across.to_bytes(2, "big") + down.to_bytes(2, "big") + b"\0\0"
        kept.append(Segment(container.APP0, body))
    if carried.exif and len(carried.exif) + len(container.EXIF_MARK) <= container.LONGEST:
        kept.append(Segment(container.APP1, container.EXIF_MARK + carried.exif))
    if carried.icc_profile:
        kept += container.icc_segments(carried.icc_profile)
    if carried.iptc and len(carried.iptc) < container.LONGEST - 64:
        resources = container.resources_with_iim(carried.iptc)
        kept.append(Segment(container.APP13, container.PHOTOSHOP_MARK + resources))
    kept += [
        Segment(container.COMMENT, text.encode()[: container.LONGEST]) for text in carried.comments if text
    ]
    return kept


def _density(segments: list[Segment]) -> tuple[float, float] | None:
    """Pixels a metre by JFIF."""
    for segment in segments:
        if (
            segment.marker == container.APP0
            and segment.body.startswith(b"JFIF\0")
            and len(segment.body) >= 12
        ):
            inches = {1: 1 / 0.0254, 2: 100.0}.get(segment.body[7])
            across, down = (int.from_bytes(segment.body[at : at + 2], "big") for at in (8, 10))
            return (across * inches, down * inches) if inches and across and down else None
    return None


def _is_exif(segment: Segment) -> bool:
    return segment.marker == container.APP1 and segment.body.startswith(container.EXIF_MARK)


def _is_xmp(segment: Segment) -> bool:
    own = segment.marker == container.APP1 and segment.body.startswith(container.XMP_MARK)
    return own or _is_more_xmp(segment)


def _is_more_xmp(segment: Segment) -> bool:
    return segment.marker == container.APP1 and segment.body.startswith(container.MORE_XMP_MARK)


def _further_pictures(segment: Segment) -> bool:
    """The index of pictures behind the first, which a result has not."""
    return segment.marker == container.APP2 and segment.body.startswith(container.PICTURES_MARK)


def _credentials(segment: Segment) -> bool:
    """Signed content credentials (C2PA): they hold for the master's bytes and would be found broken."""
    return segment.marker == container.APP11 and b"jumb" in segment.body[:32]
