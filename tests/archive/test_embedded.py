"""What picture files say about themselves, and that no file can make reading it fail."""

import json
import struct
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from archive.formats.embedded import read_embedded
from tests import pictures

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"
  xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
  photoshop:City="Bandung">
 <d:title><rdf:Alt><rdf:li xml:lang="de">Hof</rdf:li>
  <rdf:li xml:lang="x-default">Courtyard</rdf:li></rdf:Alt></d:title>
 <d:subject><rdf:Bag><rdf:li>house</rdf:li><rdf:li>family</rdf:li></rdf:Bag></d:subject>
 <core:CreatorContactInfo rdf:parseType="Resource">
  <core:CiAdrCity>Jakarta</core:CiAdrCity></core:CreatorContactInfo>
 <photoshop:Credit>Sri Wahyuni</photoshop:Credit>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def exif() -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Make] = "Kodak"
    made[ExifTags.Base.Artist] = "Sri\x00"
    inner = made.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = "1998:08:17 10:00:00"
    inner[ExifTags.Base.FNumber] = TiffImagePlugin.IFDRational(28, 10)
    inner[ExifTags.Base.ExposureBiasValue] = TiffImagePlugin.IFDRational(1, 0)
    inner[ExifTags.Base.UserComment] = b"ASCII\x00\x00\x00on the porch"
    inner[ExifTags.Base.MakerNote] = b"\x01\x02" * 2000
    made.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (6.0, 54.0, 30.5)
    return made


def described(format: str, xmp: bytes) -> bytes:
    """A picture with the EXIF above and an XMP packet."""
    options: dict = {"exif": exif(), "xmp": xmp}
    if format == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode("latin-1"))
    if format == "TIFF":
        made = TiffImagePlugin.ImageFileDirectory_v2()
        for tag, value in exif().items():
            made[tag] = value
        made[TiffImagePlugin.XMP] = xmp
        made.tagtype[TiffImagePlugin.XMP] = 1
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            made[directory] = dict(exif().get_ifd(directory))
        options = {"tiffinfo": made}
    return pictures.encoded(pictures.gradient(), format, **options)


def with_iptc(jpeg: bytes, datasets: dict[int, list[bytes]]) -> bytes:
    """Put IPTC datasets of record 2 into a JPEG, as Photoshop does."""
    iim = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value
        for number, values in datasets.items()
        for value in values
    )
    block = b"8BIM" + struct.pack(">H", 0x0404) + b"\x00\x00" + struct.pack(">I", len(iim)) + iim
    segment = b"Photoshop 3.0\x00" + block + b"\x00" * (len(iim) % 2)
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


@pytest.fixture
def read(tmp_path: Path):
    def read_bytes(content: bytes) -> dict:
        path = tmp_path / "picture"
        path.write_bytes(content)
        return read_embedded(path)

    return read_bytes


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_and_xmp_of_every_format(read, format: str) -> None:
    found = read(described(format, XMP.encode()))
    assert found["exif"]["Make"] == "Kodak"
    assert found["exif"]["Artist"] == "Sri"
    assert found["exif"]["DateTimeOriginal"] == "1998:08:17 10:00:00"
    assert found["exif"]["FNumber"] == 2.8
    assert found["exif"]["UserComment"] == "on the porch"
    assert found["exif"]["GPSLatitude"] == [6, 54, 30.5]
    assert found["xmp"] == {
        "photoshop:City": "Bandung",
        "dc:title": "Courtyard",
        "dc:subject": ["house", "family"],
        "Iptc4xmpCore:CreatorContactInfo/Iptc4xmpCore:CiAdrCity": "Jakarta",
        "photoshop:Credit": "Sri Wahyuni",
    }


def test_what_only_machines_read_is_left_out(read) -> None:
    found = read(described("TIFF", b""))["exif"]
    assert not {"MakerNote", "StripOffsets", "ExifOffset", "GPSInfo", "ExposureBiasValue"} & found.keys()


def test_iptc_in_both_of_its_usual_encodings(read) -> None:
    found = read(
        with_iptc(
            pictures.encoded(pictures.gradient(), "JPEG"),
            {25: [b"house", "r\u00fcck".encode()], 90: [b"Bandung"], 120: ["\u00e9cole".encode("latin-1")]},
        )
    )
    assert found["iptc"] == {"Keywords": ["house", "rück"], "City": "Bandung", "Caption-Abstract": "école"}


def test_a_file_without_metadata_says_nothing(read) -> None:
    found = read(pictures.png(pictures.gradient()))
    assert found == {"exif": {}, "iptc": {}, "xmp": {}}


@pytest.mark.parametrize(
    "packet",
    [
        b"<not xml",
        b"\xff\xfe\x00",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        b"<x>" * 5000 + b"</x>" * 5000,
        b"<x/>" + b" " * 2**20 + b"<y/>",
    ],
)
def test_a_broken_or_hostile_packet_is_passed_over(read, packet: bytes) -> None:
    found = read(described("WEBP", packet))
    assert found["xmp"] == {}
    assert found["exif"]["Make"] == "Kodak"


def test_broken_exif_is_passed_over(read) -> None:
    content = pictures.encoded(pictures.gradient(), "JPEG", exif=exif())
    start = content.index(b"Exif\x00\x00") + 6
    for cut in (8, 10, 12, 40):
        broken = content[: start + cut] + b"\xff" * 60 + content[start + cut + 60 :]
        json.dumps(read(broken), allow_nan=False)


def test_everything_is_bounded_and_fit_for_json(read) -> None:
    made = exif()
    made[ExifTags.Base.ImageDescription] = "x" * 50_000
    made[ExifTags.Base.Copyright] = "a\x00b\x01c"
    found = read(pictures.encoded(pictures.gradient(), "PNG", exif=made))
    assert len(found["exif"]["ImageDescription"]) == 2000
    assert "\\u0000" not in json.dumps(found, allow_nan=False)
