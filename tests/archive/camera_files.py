"""Pictures that tell of their camera: in every place of every container, with words that must not come out.

Every telling value contains TELLING, every harmless one HARMLESS; the latitude is 52 degrees and a half.
"""

import hashlib
import io
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image, ImageCms

from tests import pictures

TELLING, HARMLESS = b"SECRET", b"DESCRIBED"
LATITUDE = struct.pack("<6I", 52, 1, 30, 1, 0, 1)

_NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" '
    'xmlns:dji="http://www.dji.com/drone-dji/1.0/" xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:rights="http://ns.adobe.com/xap/1.0/rights/" xmlns:note="http://ns.adobe.com/xmp/note/"'
)


def packet(more: str = "") -> bytes:
    """An XMP packet that tells by attributes, elements, in structures and in a drone's own names."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {_NAMESPACES}>'
        '<rdf:Description rdf:about="" aux:SerialNumber="SECRET &gt; 1" dc:source="DESCRIBED > a"'
        f" exif:GPSLatitude='52,30N SECRET' dji:FlightYawDegree='SECRET' {more}>"
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>DESCRIBED &amp; “quoted”</rdf:li></rdf:Alt>"
        "</dc:title><aux:OwnerName>SECRET é</aux:OwnerName><rights:Owner>DESCRIBED owner</rights:Owner>"
        "<exif:GPSLongitude rdf:resource='SECRET'/>"
        "<dji:Model><rdf:Bag><rdf:li>SECRET</rdf:li></rdf:Bag></dji:Model>"
        "<ext:LocationCreated><rdf:Bag><rdf:li ext:City='DESCRIBED city' exif:GPSLatitude='SECRET'/>"
        "</rdf:Bag></ext:LocationCreated></rdf:Description></rdf:RDF></x:xmpmeta>   <?xpacket end='w'?>"
    ).encode()


def iim() -> bytes:
    """IPTC records: a caption, and the number of an owner."""
    caption, owner = HARMLESS + b" caption", TELLING + b" owner"
    return (
        struct.pack(">BBBH", 0x1C, 2, 120, len(caption))
        + caption
        + (struct.pack(">BBBH", 0x1C, 2, 188, len(owner)) + owner)
    )


def resources() -> bytes:
    """Photoshop's: the IPTC records with their digest, an EXIF block, a plug-in's own."""

    def resource(number: int, body: bytes) -> bytes:
        return struct.pack(">4sHHI", b"8BIM", number, 0, len(body)) + body + b"\0" * (len(body) % 2)

    digest = hashlib.md5(iim(), usedforsecurity=False).digest()
    bodies = {0x0404: iim(), 0x0425: digest, 0x0422: exif(), 4001: TELLING, 0x03ED: HARMLESS + b" density!"}
    return b"".join(resource(number, body) for number, body in bodies.items())


def exif(orientation: int = 6) -> bytes:
    """An EXIF block with GPS, serial numbers, an owner, a maker's notes, and what no tag leads to."""
    block = Image.Exif()
    block[pictures.EXIF_ORIENTATION] = orientation
    block[0x010E] = (HARMLESS + b" description").decode()
    camera = block.get_ifd(0x8769)
    camera[0x9003] = "1936:08:02 12:00:00"
    camera[0x927C] = TELLING + b" maker's note"
    for tag in (0xA420, 0xA430, 0xA431, 0xA435):
        camera[tag] = (TELLING + b" %x" % tag).decode()
    block[0xC62F] = (TELLING + b" serial number").decode()
    block.get_ifd(0x8825).update({1: "N", 2: (52, 30, 0), 3: "E", 4: (13, 24, 0), 27: TELLING})
    return block.tobytes().removeprefix(b"Exif\0\0") + b"left over: " + TELLING


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def telling_jpeg(*, progressive: bool = False, xmp: bytes | None = None) -> bytes:
    """A JPEG with all of it, further makers' segments, a long packet in two parts, and a film behind it."""
    content = pictures.jpeg(pictures.portrait(), progressive=progressive, icc_profile=_srgb())
    extension = packet().replace(b"<?xpacket", b"<!--").replace(b"?>", b"-->")
    name = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode()
    middle = len(extension) // 2
    head = b"http://ns.adobe.com/xmp/extension/\0" + name + struct.pack(">I", len(extension))
    segments = [
        segment(0xE1, b"Exif\0\0" + exif()),
        segment(
            0xE1,
            b"http://ns.adobe.com/xap/1.0/\0" + (xmp or packet(f'note:HasExtendedXMP="{name.decode()}"')),
        ),
        segment(0xE1, head + struct.pack(">I", middle) + extension[middle:]),
        segment(0xE1, head + struct.pack(">I", 0) + extension[:middle]),
        segment(0xED, b"Photoshop 3.0\0" + resources()),
        *(segment(0xE0 + number, TELLING) for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15)),
        segment(0xFE, HARMLESS + b" comment"),
    ]
    return content[:20] + b"".join(segments) + content[20:] + b"film: " + TELLING + LATITUDE


def telling_png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    digits = f"\nexif\n{len(exif()):8d}\n{exif().hex()}\n".encode()
    chunks = [
        chunk(b"eXIf", exif()),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0en\0\0" + packet()),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet())),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits)),
        chunk(b"tEXt", b"exif:GPSLatitude\0" + TELLING),
        chunk(b"tEXt", b"Camera Serial\0" + TELLING),
        chunk(b"tEXt", b"Description\0" + HARMLESS),
        chunk(b"seCr", TELLING),
    ]
    content = pictures.png(pictures.portrait(), icc_profile=_srgb())
    return content[:33] + b"".join(chunks) + content[33:] + TELLING


def telling_webp() -> bytes:
    content = pictures.encoded(pictures.portrait(), "WEBP", exif=exif(), xmp=packet(), icc_profile=_srgb())
    unknown = b"SECR" + struct.pack("<I", 6) + TELLING
    return content[:4] + struct.pack("<I", len(content) + len(unknown) - 8) + content[8:] + unknown + TELLING


def telling_tiff(*, big: bool = False, order: str = "<", jpeg: bool = False, pages: int = 2) -> bytes:
    """A TIFF of several pages, each with XMP, IPTC and Photoshop's resources, serial numbers in tags of their
    own, and Photoshop's layers."""
    image = np.asarray(pictures.portrait())
    file = io.BytesIO()
    with tifffile.TiffWriter(file, bigtiff=big, byteorder=order) as tiff:
        for page in range(pages):
            tags = [
                (270, 2, 0, (HARMLESS + b" page").decode(), True),
                (700, 1, len(packet()), packet(), True),
                (33723, 7, len(iim()), iim(), True),
                (34377, 1, len(resources()), resources(), True),
                *((tag, 2, 0, (TELLING + b" tag").decode(), True) for tag in (50735, 65000, 65001)),
                (37724, 7, 3 * len(TELLING), 3 * TELLING, True),
                (33432, 2, 0, (HARMLESS + b" copyright").decode(), True),
            ]
            tiff.write(
                np.roll(image, page, axis=0),
                photometric="rgb",
                compression="jpeg" if jpeg else "lzw",
                predictor=not jpeg,
                rowsperstrip=24,
                extratags=tags,
                metadata=None,
                iccprofile=_srgb(),
            )
    return file.getvalue()


def exif_with_preview(preview: bytes) -> bytes:
    """An EXIF block of an orientation, and of a second directory that leads to `preview`, its end."""
    first = struct.pack("<H HHII I", 1, pictures.EXIF_ORIENTATION, 3, 1, 6, 26)
    second = struct.pack("<H HHII HHII I", 2, 513, 4, 1, 56, 514, 4, 1, len(preview), 0)
    return b"II*\0" + struct.pack("<I", 8) + first + second + preview


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
