"""Which tags and names tell where a camera stood, which one it was, and whose."""

import re

RULES_VERSION = 1
"""Raised with every change of what is left out, here and in how formats are cleaned: what clients keep of a
file that was cleaned by older rules is not the same file any more.
"""

_GPS, _OPAQUE_FROM = 34853, 65000

# Numbers as in EXIF 3.0, DNG 1.7 and exiftool's list of tags.
_TAGS = frozenset(
    {
        _GPS,
        37500,  # MakerNote: the maker's own directory, with serial numbers and positions
        42016,  # ImageUniqueID: several makers write the camera module's number here
        42032,  # CameraOwnerName
        42033,  # BodySerialNumber
        42037,  # LensSerialNumber
        37724,  # ImageSourceData: Photoshop's layers, which may hold whole files with all their metadata
        50735,  # CameraSerialNumber
        50740,  # DNGPrivateData: the maker's notes again
        50781,  # RawDataUniqueID
        50827,  # OriginalRawFileName
        50828,  # OriginalRawFileData
        *(33424, 34306, 34310),  # directories of Kodak and Leaf
    }
)

_NAME = re.compile(
    r"gps|serial|latitude|longitude|altitude|ownername|makernote|imageuniqueid|rawdatauniqueid", re.IGNORECASE
)
_NAMESPACES = (
    "http://www.dji.com/",
    "http://pix4d.com/camera",
    "http://www.w3.org/2003/01/geo/",
    "http://ns.google.com/photos/1.0/",  # pictures inside the packet, and of what follows the picture
    "http://ns.flir.com/",
    "http://ns.autel.com/",
    "http://ns.parrot.com/",
)


def tag_tells(tag: int) -> bool:
    """Whether a TIFF's or EXIF's `tag` must not go out. From 65000 on they are anybody's own."""
    return tag in _TAGS or tag >= _OPAQUE_FROM


def name_tells(name: str, namespace: str = "") -> bool:
    """Whether the property `name` (of XMP, of its `namespace`; or the keyword of a text) must not go out."""
    return bool(_NAME.search(name)) or namespace.lower().startswith(_NAMESPACES)
