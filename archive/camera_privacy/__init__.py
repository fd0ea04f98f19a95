"""What a camera tells of a person, left out of files that go to strangers.

    with open_without_camera_data(path) as file:  # seekable, `byte_size` long, the same bytes every time
        ...

Left out: where the camera stood (GPS), serial numbers of camera and lens, the owner's name that was set in
the camera, the maker's own notes, which hold all of these, and what cannot be looked into; wherever it stands
in EXIF, XMP, IPTC, text chunks and in pictures inside the picture. Pixels, colour profile, orientation and
descriptions stay, bit for bit. What is described about a place (IPTC's city, Dublin Core's coverage) is a
curator's word and stays too. Nothing is decoded, and stored files never change.
"""

from archive.camera_privacy.opening import open_without_camera_data, without_camera_data
from archive.camera_privacy.splices import SplicedFile
from archive.camera_privacy.telling import RULES_VERSION

__all__ = ["RULES_VERSION", "SplicedFile", "open_without_camera_data", "without_camera_data"]
