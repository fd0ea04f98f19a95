"""All that a master says of itself is in its result, by the word of exiftool, and so is the marking."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from mlcore.masters import open_master
from mlcore.masters.tiff_structure import read_structure
from tests import pictures
from tests.mlcore.masters.master_files import (
    MARKING,
    SOURCE_TYPE,
    exiftool,
    noise,
    pillow,
    restored,
    run_exiftool,
    saved,
    tiff,
    validated,
)

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

ARCHIVE = {
    "IFD0:ImageDescription": "Nenek di Bandung",
    "IFD0:Make": "Epson",
    "IFD0:Model": "Perfection V850",
    "IFD0:Artist": "Tan Ek Tjoan",
    "IFD0:Copyright": "Arsip Kota",
    "IFD0:Orientation": 6,
    "IFD0:XResolution": 600,
    "IFD0:YResolution": 600,
    "IFD0:ResolutionUnit": 2,
    "ExifIFD:DateTimeOriginal": "1931:05:04 10:00:00",
    "ExifIFD:UserComment": "glass plate 12",
    "ExifIFD:LensModel": "Tessar",
    "GPS:GPSLatitude": 6.9175,
    "GPS:GPSLatitudeRef": "S",
    "GPS:GPSLongitude": 107.619,
    "GPS:GPSLongitudeRef": "E",
    "IPTC:Caption-Abstract": "Keluarga di depan rumah",
    "IPTC:Keywords": "potret",
    "IPTC:City": "Bandung",
    "XMP-dc:Title": "Nenek, 1931",
    "XMP-dc:Creator": "Tan Ek Tjoan",
    "XMP-photoshop:Credit": "Arsip Kota",
    "XMP-xmpRights:Marked": "True",
    "XMP-iptcExt:DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/print",
}

# What may differ: the file itself, how pixels are stored, and what exiftool works out.
MAY_DIFFER = ("File:", "System:", "Composite:", "ExifTool:", "SourceFile", "XMP-x:XMPToolkit", "ICC_Profile#")
STRUCTURE = {"StripOffsets", "StripByteCounts", "TileOffsets", "TileByteCounts", "RowsPerStrip"}
MARKED = {
    "XMP-iptcExt:DigitalSourceType",
    "XMP-iptcExt:AISystemUsed",
    "XMP-iptcExt:AISystemVersionUsed",
    "XMP-xmpMM:History",
}


def described(folder: Path, name: str) -> Path:
    """The file of ``FILES`` with all of ``ARCHIVE`` put in by exiftool."""
    if name not in _described:
        path = saved(folder, FILES[name][1], FILES[name][0])
        tags = [f"-{tag}={value}" for tag, value in ARCHIVE.items()]
        assert b"1 image files updated" in run_exiftool("-n", "-overwrite_original", *tags, str(path))
        _described[name] = path.read_bytes()
    return saved(folder, _described[name], FILES[name][0])


_described: dict[str, bytes] = {}


def kept(found: dict) -> dict:
    """What exiftool found, without what may differ."""
    return {
        name: value
        for name, value in found.items()
        if not name.startswith(MAY_DIFFER) and name.split(":")[-1] not in STRUCTURE and name not in MARKED
    }


PICTURE = pictures.portrait(64, 48)
FILES = {
    "jpeg": ("a.jpg", pictures.jpeg(PICTURE, icc_profile=PROFILE, dpi=(600, 600), comment=b"album 3")),
    "progressive grey jpeg": ("a.jpg", pictures.jpeg(PICTURE.convert("L"), progressive=True)),
    "png": ("a.png", pictures.png(PICTURE, icc_profile=PROFILE, dpi=(600, 600))),
    "16-bit png": ("a.png", pictures.grey16_png()),
    "tiff": ("a.tif", pictures.encoded(PICTURE, "TIFF", icc_profile=PROFILE, compression="tiff_lzw")),
    "Motorola tiff": ("a.tif", tiff(noise(48, 64, 3, dtype=np.uint16), photometric="rgb", byteorder=">")),
}


@pytest.mark.parametrize("name", FILES)
def test_everything_stays(tmp_path: Path, name: str) -> None:
    source = described(tmp_path, name)
    result = restored(source)
    before, after = kept(exiftool(source)), kept(exiftool(result))
    assert len(before) > 20
    assert after == before
    assert validated(result) == []


@pytest.mark.parametrize("name", FILES)
def test_exif_and_iptc_to_the_last_byte(tmp_path: Path, name: str) -> None:
    """As exiftool takes the blocks out; in a TIFF they are tags and no blocks."""
    source = described(tmp_path, name)
    result = restored(source)
    for block in ("ICC_Profile", "IPTC", *(() if source.suffix == ".tif" else ("EXIF",))):
        blocks = [run_exiftool("-b", f"-{block}", str(path)) for path in (source, result)]
        assert blocks[0] == blocks[1], block


ALL = FILES | {
    "cmyk jpeg": ("a.jpg", pictures.cmyk_jpeg()),
    "webp": ("a.webp", pictures.encoded(PICTURE, "WEBP")),
    "bmp": ("a.bmp", pictures.encoded(PICTURE, "BMP")),
    "palette": ("a.png", pictures.palette_png()),
    "BigTIFF": ("a.tif", tiff(noise(48, 64, 3), photometric="rgb", bigtiff=True, tile=(16, 16))),
    "bilevel": ("a.tif", pictures.bilevel_tiff()),
    "plain jpeg": ("a.jpg", pictures.jpeg(PICTURE)),
    "plain png": ("a.png", pictures.png(PICTURE)),
}


@pytest.mark.parametrize(("name", "content"), ALL.values(), ids=ALL)
def test_every_result_says_that_a_trained_algorithm_had_a_hand_in_it(tmp_path: Path, name, content) -> None:
    found = exiftool(restored(saved(tmp_path, content, name)))
    assert found["XMP-iptcExt:DigitalSourceType"] == SOURCE_TYPE
    assert found["XMP-iptcExt:AISystemUsed"] == "Pulih 1.2.0"
    assert found["XMP-iptcExt:AISystemVersionUsed"] == f"pulih-faces-2 (SHA-256 {MARKING.model_sha256})"
    (event,) = found["XMP-xmpMM:History"]
    assert event["SoftwareAgent"] == "Pulih 1.2.0"
    assert event["When"] == "2026:03:04 05:06:07+00:00"
    assert MARKING.model_sha256 in event["Parameters"]
    assert event["Action"] == "edited"


def test_the_marking_takes_the_place_of_an_older_one_and_the_history_grows(tmp_path: Path) -> None:
    source = described(tmp_path, "png")
    once = restored(source)
    twice = restored(once.rename(tmp_path / "once.png"))
    found = exiftool(twice)
    assert found["XMP-iptcExt:DigitalSourceType"] == SOURCE_TYPE
    assert len(found["XMP-xmpMM:History"]) == 2
    assert twice.read_bytes().count(SOURCE_TYPE.encode()) == 1
    assert b"digitalsourcetype/print" not in twice.read_bytes()


def test_webp_and_bmp_bring_what_they_have_into_a_png(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Solo"
    exif[pictures.EXIF_ORIENTATION] = 8
    webp = pictures.encoded(
        PICTURE, "WEBP", icc_profile=PROFILE, exif=exif, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    )
    result = pillow(restored(saved(tmp_path, webp)))
    assert result.info["icc_profile"] == PROFILE
    assert (result.getexif()[0x010E], result.getexif()[pictures.EXIF_ORIENTATION]) == ("Solo", 8)
    bmp = pictures.encoded(PICTURE, "BMP", dpi=(300, 300))
    assert pillow(restored(saved(tmp_path, bmp))).info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.parametrize("format", ["tiff", "png", "jpeg"])
@pytest.mark.parametrize("name", ["jpeg", "png", "tiff"])
def test_another_format_on_request_takes_the_common_metadata_over(
    tmp_path: Path, name: str, format: str
) -> None:
    source = described(tmp_path, name)
    result = restored(source, format=format)
    before, after = exiftool(source), exiftool(result)
    wanted = [tag for tag in ARCHIVE if not tag.startswith(("IPTC", "XMP-iptcExt"))]
    if not (name == "png" and format != "png"):  # a PNG has IPTC only in a text of ImageMagick's
        wanted += [tag for tag in ARCHIVE if tag.startswith("IPTC")]
    assert {tag: after.get(tag) for tag in wanted} == {tag: before[tag] for tag in wanted}
    assert pillow(result).info["icc_profile"] == PROFILE
    assert validated(result) == []


def test_every_page_of_a_tiff_keeps_its_own_tags(tmp_path: Path) -> None:
    leaves = [Image.fromarray(noise(30, 40, seed=number)) for number in range(3)]
    for number, leaf in enumerate(leaves):
        leaf.encoderinfo = {"tiffinfo": {270: f"leaf {number}", 285: f"page {number}"}}
    content = pictures.encoded(
        leaves[0], "TIFF", save_all=True, append_images=leaves[1:], description="leaf 0"
    )
    result = restored(saved(tmp_path, content))
    with result.open("rb") as file:
        directories = read_structure(file).directories
    assert [directory.bytes_of(270) for directory in directories] == [
        read.bytes_of(270) for read in read_structure(io.BytesIO(content)).directories
    ]
    assert all(SOURCE_TYPE.encode() in (directory.bytes_of(700) or b"") for directory in directories)


@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
def test_private_tags_of_a_tiff_stay(tmp_path: Path, big: bool) -> None:
    extratags = [
        (65000, 2, 0, "scanner bed 4", True),
        (65001, 4, 3, (1, 2, 3), True),
        (33432, 2, 0, "Arsip", True),
    ]
    source = saved(tmp_path, tiff(noise(30, 40), photometric="minisblack", extratags=extratags, bigtiff=big))
    with restored(source).open("rb") as file:
        (directory,) = read_structure(file).directories
    assert directory.bytes_of(65000) == b"scanner bed 4\0"
    assert directory.numbers(65001) == (1, 2, 3)
    assert directory.bytes_of(33432) == b"Arsip\0"


@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
def test_photoshop_s_layers_are_left_out_without_being_read(tmp_path: Path, big: bool) -> None:
    """They show the master as it was, and Photoshop would open them instead of the result."""
    layers = b"Adobe Photoshop Document Data Block\0" + bytes(32 << 20)
    extratags = [(37724, 7, len(layers), layers, True), (65000, 2, 0, "scanner bed 4", True)]
    source = saved(tmp_path, tiff(noise(30, 40), photometric="minisblack", extratags=extratags, bigtiff=big))
    tracemalloc.start()
    try:
        with open_master(source, tmp_path) as master:
            assert master.notes == ["layers-dropped"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(layers) / 4
    result = restored(source)
    assert b"Photoshop" not in result.read_bytes()
    with result.open("rb") as file:
        (directory,) = read_structure(file).directories
    assert 37724 not in directory.entries
    assert directory.bytes_of(65000) == b"scanner bed 4\0"
    assert validated(result) == []


def test_png_chunks_stay_where_they_hold(tmp_path: Path) -> None:
    """Gamma, chromaticities, time, text and copyable unknown chunks; not what counts samples or is signed."""
    plain = pictures.png(PICTURE.quantize(16))
    before = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sBIT", b"\5\6\5")
    after = (
        chunk(b"tIME", struct.pack(">HBBBBB", 2020, 1, 2, 3, 4, 5))
        + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"album 7"))
        + chunk(b"teSt", b"may be copied")
        + chunk(b"teST", b"may not")
        + chunk(b"caBX", b"signed")
    )
    content = plain[:33] + before + plain[33:-12] + after + plain[-12:]
    written = restored(saved(tmp_path, content)).read_bytes()
    for kind in (b"gAMA", b"tIME", b"zTXt", b"teSt"):
        assert written.count(kind) == 1, kind
    for kind in (b"sBIT", b"teST", b"caBX", b"PLTE"):
        assert kind not in written, kind
    assert written.index(b"gAMA") < written.index(b"IDAT") < written.index(b"tIME")


def test_a_jpeg_s_further_pictures_and_signatures_are_left_out(tmp_path: Path) -> None:
    mpo = pictures.encoded(PICTURE, "MPO", save_all=True, append_images=[PICTURE])
    signed = b"\xff\xeb" + struct.pack(">H", 34) + b"JP\0\1" + bytes(4) + b"\0\0\0\x20jumb" + bytes(16)
    written = restored(saved(tmp_path, mpo[:2] + signed + mpo[2:])).read_bytes()
    assert b"MPF\0" not in written
    assert b"jumb" not in written


def test_an_xmp_packet_too_long_for_a_segment_is_divided(tmp_path: Path) -> None:
    """Written by exiftool as a packet and its extension; both come back as one, with the marking."""
    source = described(tmp_path, "jpeg")
    words = tmp_path / "words"
    words.write_text("kata " * 20_000)
    run_exiftool("-overwrite_original", f"-XMP-dc:Description<={words}", str(source))
    assert source.read_bytes().count(b"http://ns.adobe.com/xmp/extension/") > 0
    result = restored(source)
    before, after = exiftool(source), exiftool(result)
    assert after["XMP-dc:Description"] == before["XMP-dc:Description"]
    assert after["XMP-dc:Title"] == "Nenek, 1931"
    assert after["XMP-iptcExt:DigitalSourceType"] == SOURCE_TYPE
    assert validated(result) == []
    again = exiftool(restored(result.rename(tmp_path / "again.jpg")))
    assert len(again["XMP-xmpMM:History"]) == 2
    assert again["XMP-dc:Description"] == before["XMP-dc:Description"]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def jpeg_with(*bodies: bytes) -> bytes:
    """A JPEG with these APP1 segments."""
    plain = pictures.jpeg(PICTURE)
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body for body in bodies)
    return plain[:2] + segments + plain[2:]


def png_with(kind: bytes, body: bytes) -> bytes:
    plain = pictures.png(PICTURE)
    return plain[:33] + chunk(kind, body) + plain[33:]


BROKEN_XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>shelf B 12"
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    b"<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:source='shelf B 12'/>"
    b"</rdf:RDF></x:xmpmeta>"
)
IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
IN_PNG = b"XML:com.adobe.xmp\0\0\0\0\0"


@pytest.mark.parametrize(
    ("content", "is_lost"),
    [
        pytest.param(jpeg_with(IN_JPEG + BROKEN_XMP), True, id="jpeg"),
        pytest.param(
            jpeg_with(IN_JPEG + XMP, b"http://ns.adobe.com/xmp/extension/\0" + bytes(60)),
            True,
            id="extension",
        ),
        pytest.param(jpeg_with(IN_JPEG + XMP), False, id="sound jpeg"),
        pytest.param(png_with(b"iTXt", IN_PNG + BROKEN_XMP), True, id="png"),
        pytest.param(png_with(b"iTXt", IN_PNG[:-4] + b"\1\0\0\0no deflate"), True, id="packed png"),
        pytest.param(png_with(b"iTXt", IN_PNG + XMP), False, id="sound png"),
        pytest.param(pictures.encoded(PICTURE, "WEBP", xmp=BROKEN_XMP), True, id="webp"),
        pytest.param(pictures.encoded(PICTURE, "WEBP", xmp=XMP), False, id="sound webp"),
        pytest.param(
            tiff(
                noise(48, 64),
                photometric="minisblack",
                extratags=[(700, 1, len(BROKEN_XMP), BROKEN_XMP, True)],
            ),
            True,
            id="tiff",
        ),
        pytest.param(
            tiff(noise(48, 64), photometric="minisblack", extratags=[(700, 1, len(XMP), XMP, True)]),
            False,
            id="sound tiff",
        ),
    ],
)
def test_xmp_that_cannot_be_read_is_not_lost_without_a_word(
    tmp_path: Path, content: bytes, *, is_lost: bool
) -> None:
    source = saved(tmp_path, content)
    with open_master(source, tmp_path) as master:
        assert ("xmp-unreadable-dropped" in master.notes) is is_lost
    found = exiftool(restored(source))
    assert found["XMP-iptcExt:DigitalSourceType"] == SOURCE_TYPE
    if not is_lost:
        assert found["XMP-dc:Source"] == "shelf B 12"


def test_thumbnails_in_xmp_are_left_out(tmp_path: Path) -> None:
    thumbnails = (
        b"<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
        b" xmlns:xmpGImg='http://ns.adobe.com/xap/1.0/g/img/'><xmp:Thumbnails><rdf:Alt>"
        b"<rdf:li rdf:parseType='Resource'><xmpGImg:format>JPEG</xmpGImg:format>"
        b"<xmpGImg:image>b2xkIHBpeGVscw==</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>"
        b"</rdf:Description></rdf:RDF>"
    )
    source = saved(tmp_path, jpeg_with(IN_JPEG + XMP.replace(b"</rdf:RDF>", thumbnails)))
    assert b"old pixels" in run_exiftool("-b", "-XMP:ThumbnailsImage", "-XMP:ThumbnailImage", str(source))
    with open_master(source, tmp_path) as master:
        assert master.notes == ["previews-dropped"]
    result = restored(source)
    assert b"b2xkIHBpeGVscw" not in result.read_bytes()
    assert exiftool(result)["XMP-dc:Source"] == "shelf B 12"
