"""No result carries a small picture of the master as it was; what else is said stays to the last byte."""

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from mlcore.masters import open_master
from mlcore.masters.thumbnails import exif_without
from mlcore.masters.tiff_structure import LONG, RATIONAL, Directory, TiffWriter, read_exif
from tests import pictures
from tests.mlcore.masters.master_files import (
    exiftool,
    noise,
    restored,
    run_exiftool,
    saved,
    tiff,
    validated,
)

PICTURE = pictures.portrait(64, 48)
THUMBNAIL = pictures.jpeg(PICTURE.resize((16, 12)), comment=b"small")
DESCRIBED = {
    "IFD0:ImageDescription": "Nenek di Bandung",
    "IFD0:XResolution": 600,
    "ExifIFD:UserComment": "glass plate 12",
    "GPS:GPSLatitude": 6.9175,
    "IPTC:City": "Bandung",
}
WITH_EXIF = {
    "jpeg": ("a.jpg", pictures.jpeg(PICTURE)),
    "png": ("a.png", pictures.png(PICTURE)),
    "webp": ("a.webp", pictures.encoded(PICTURE, "WEBP")),
}


def told(path: Path) -> dict[str, object]:
    """What exiftool finds of metadata proper, but for thumbnails."""
    return {
        name: value
        for name, value in exiftool(path).items()
        if name.startswith(("IFD0:", "ExifIFD:", "GPS:", "IPTC:", "JFIF:")) and "Thumbnail" not in name
    }


def thumbnails(path: Path) -> bytes:
    """All that exiftool takes out of a file for thumbnails."""
    return run_exiftool("-a", "-b", "-ThumbnailImage", "-ThumbnailTIFF", "-PhotoshopThumbnail", str(path))


def cities(path: Path) -> list[object]:
    """IPTC's city, in whatever group."""
    return [value for name, value in exiftool(path).items() if name.endswith(":City")]


def notes(path: Path) -> list[str]:
    with open_master(path, path.parent) as master:
        return master.notes


def resource(number: int, data: bytes) -> bytes:
    """One of Photoshop's image resources, without a name."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


def photoshop_thumbnail(number: int = 1036) -> bytes:
    head = struct.pack(">IIIIIIHH", 1, 16, 12, 48, 576, len(THUMBNAIL), 24, 1)
    return resource(number, head + THUMBNAIL)


@pytest.mark.parametrize("name", WITH_EXIF)
def test_exif_s_thumbnail_is_left_out_and_all_else_stays(tmp_path: Path, name: str) -> None:
    source = saved(tmp_path, WITH_EXIF[name][1], WITH_EXIF[name][0])
    tags = [f"-{tag}={value}" for tag, value in DESCRIBED.items()]
    run_exiftool("-n", "-overwrite_original", *tags, str(source))
    assert "previews-dropped" not in notes(source)
    small = saved(tmp_path, THUMBNAIL, "small.jpg")
    run_exiftool("-overwrite_original", f"-ThumbnailImage<={small}", str(source))
    assert thumbnails(source) == THUMBNAIL
    assert "previews-dropped" in notes(source)
    result = restored(source)
    assert thumbnails(result) == b""
    assert THUMBNAIL not in result.read_bytes()
    if name != "webp":  # its result is of another format
        assert told(result) == told(source)
    assert exiftool(result)["ExifIFD:UserComment"] == "glass plate 12"
    assert validated(result) == []


@pytest.mark.parametrize("number", [1033, 1036])
def test_photoshop_s_thumbnail_is_left_out_and_other_resources_stay(tmp_path: Path, number: int) -> None:
    iptc = resource(1028, b"\x1c\x02\x5a\0\7Bandung")
    resources = iptc + photoshop_thumbnail(number) + resource(1034, b"\1")
    segment = b"Photoshop 3.0\0" + resources
    content = WITH_EXIF["jpeg"][1]
    marked = content[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + content[2:]
    in_tiff = tiff(
        noise(48, 64, 3),
        photometric="rgb",
        extratags=[(34377, 7, len(resources), resources, True)],
    )
    for source in (saved(tmp_path, marked, "a.jpg"), saved(tmp_path, in_tiff, "a.tif")):
        assert THUMBNAIL in source.read_bytes()
        assert "previews-dropped" in notes(source)
        result = restored(source)
        assert THUMBNAIL not in result.read_bytes()
        assert thumbnails(result) == b""
        assert resources.replace(photoshop_thumbnail(number), b"") in result.read_bytes()
        assert "Bandung" in cities(result) == cities(source)
        assert validated(result) == []


def test_a_thumbnail_that_goes_on_in_the_next_segment(tmp_path: Path) -> None:
    large = resource(1036, bytes(28) + b"old pixels" * 9000)
    resources = large + resource(1028, b"\x1c\x02\x5a\0\7Bandung")
    content = WITH_EXIF["jpeg"][1]
    segments = b""
    for start in range(0, len(resources), 60_000):
        body = b"Photoshop 3.0\0" + resources[start : start + 60_000]
        segments += b"\xff\xed" + struct.pack(">H", len(body) + 2) + body
    result = restored(saved(tmp_path, content[:2] + segments + content[2:], "a.jpg"))
    assert b"old pixels" not in result.read_bytes()
    assert exiftool(result)["IPTC:City"] == "Bandung"
    assert validated(result) == []


def test_thumbnails_of_jfif_are_left_out(tmp_path: Path) -> None:
    content = WITH_EXIF["jpeg"][1]
    pixels = bytes(range(3 * 16 * 12 % 256)) * 3
    inner = b"JFIF\0\1\2\1\2\x58\2\x58\x10\x0c" + pixels[: 3 * 16 * 12].ljust(3 * 16 * 12, b"x")
    extension = b"JFXX\0\x10" + THUMBNAIL
    own = 2 + 2 + struct.unpack(">H", content[4:6])[0]
    segments = b"".join(b"\xff\xe0" + struct.pack(">H", len(body) + 2) + body for body in (inner, extension))
    source = saved(tmp_path, content[:2] + segments + content[own:], "a.jpg")
    assert THUMBNAIL in thumbnails(source)
    assert "previews-dropped" in notes(source)
    result = restored(source)
    assert thumbnails(result) == b""
    assert THUMBNAIL not in result.read_bytes()
    assert inner[14:] not in result.read_bytes()
    found = exiftool(result)
    assert (found["JFIF:XResolution"], found["JFIF:YResolution"]) == (600, 600)
    assert Image.open(io.BytesIO(result.read_bytes())).size == (64, 48)
    assert validated(result) == []


def block(*directories: dict[int, list[int]], data: bytes = b"", behind: bytes = b"") -> bytes:
    """An EXIF block of directories of LONG values (and a resolution in the first), with ``data`` at place 8
    and ``behind`` at its end.
    """
    stream = io.BytesIO()
    writer = TiffWriter(stream, order="<", big=False)
    writer.append(data)
    for number, values in enumerate(directories):
        directory = Directory("<")
        if number == 0:
            directory.put_fraction(282, 600, 1)
        for tag, numbers in values.items():
            directory.put(tag, LONG, numbers)
        writer.add_directory(directory)
    stream.write(behind)
    return stream.getvalue()


def test_what_makers_notes_point_to_keeps_its_place() -> None:
    before = block({65000: [1, 2, 3]}, {513: [8], 514: [len(THUMBNAIL)]}, data=THUMBNAIL, behind=b"notes")
    after = exif_without(before)
    assert THUMBNAIL not in after
    assert len(after) == len(before)
    assert after.endswith(b"notes")
    assert read_exif(after) == read_exif(before)


def test_a_block_gets_shorter_where_the_thumbnail_ends_it() -> None:
    plain = block({65000: [1, 2, 3]}, {513: [0], 514: [len(THUMBNAIL)]})
    before = plain.replace(struct.pack("<HHII", 513, 4, 1, 0), struct.pack("<HHII", 513, 4, 1, len(plain)))
    after = exif_without(before + THUMBNAIL)
    assert len(after) == len(before)
    assert read_exif(after) == read_exif(before)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({513: [0], 514: [2**31]}, id="everything"),
        pytest.param({273: [8, 12], 279: [2**32 - 1, 4]}, id="strips over the first directory"),
        pytest.param({513: [2**31], 514: [10]}, id="outside"),
    ],
)
def test_a_thumbnail_that_claims_other_bytes_takes_nothing_with_it(second: dict[int, list[int]]) -> None:
    before = block({65000: [1, 2, 3]}, second)
    after = exif_without(before)
    assert after != before
    first = read_exif(before)
    assert first is not None
    assert read_exif(after) == first
    assert first.entries[282].kind == RATIONAL


@pytest.mark.parametrize("pointer", [8, 2**31])
def test_a_second_directory_that_is_none_is_left_out(pointer: int) -> None:
    before = bytearray(block({65000: [1]}))
    first = struct.unpack("<I", before[4:8])[0]
    end = first + 2 + 2 * 12
    before[end : end + 4] = struct.pack("<I", first if pointer == 8 else pointer)
    after = exif_without(bytes(before))
    assert after[end : end + 4] == bytes(4)
    assert read_exif(after) == read_exif(bytes(before))


@pytest.mark.parametrize("broken", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\1"])
def test_a_broken_block_stays_as_it_is(broken: bytes) -> None:
    assert exif_without(broken) == broken
    assert exif_without(block({65000: [1]})) == block({65000: [1]})
