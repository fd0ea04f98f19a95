"""Writing a result: a PNG that carries the original's metadata and says that a trained network had a hand in
it.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from restoration.originals import SourceMetadata

MEDIA_TYPE = "image/png"
SUFFIX = ".png"
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_X = "adobe:ns:meta/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_PROPERTY = f"{{{_IPTC_EXT}}}DigitalSourceType"
# The packet's identifier is fixed by the XMP specification, part 1, section 7.3.2.
_PACKET = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n%s\n<?xpacket end="w"?>'

# The usual prefixes, so that a packet that went through here reads as it did before.
for prefix, namespace in {
    "x": _X,
    "rdf": _RDF,
    "Iptc4xmpExt": _IPTC_EXT,
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}.items():
    ElementTree.register_namespace(prefix, namespace)


def write_result(path: Path, pixels: NDArray[np.uint8], metadata: SourceMetadata) -> None:
    """Write (H, W, 3) RGB or (H, W) grey uint8 to `path` as PNG."""
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", mark_as_restored(metadata.xmp).decode())
    carried = {"icc_profile": metadata.icc_profile, "exif": metadata.exif, "dpi": metadata.dpi}
    Image.fromarray(pixels).save(
        path,
        format="PNG",
        pnginfo=info,
        **{key: value for key, value in carried.items() if value is not None},
    )


def mark_as_restored(xmp: bytes | None) -> bytes:
    """The XMP packet with `Iptc4xmpExt:DigitalSourceType` set; a new one where there is none, or none to be
    trusted.
    """
    root, descriptions = _parse(xmp)
    for description in descriptions:
        description.attrib.pop(_PROPERTY, None)
        for old in description.findall(_PROPERTY):
            description.remove(old)
    ElementTree.SubElement(
        descriptions, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": "", _PROPERTY: DIGITAL_SOURCE_TYPE}
    )
    return _PACKET % ElementTree.tostring(root)


def _parse(xmp: bytes | None) -> tuple[ElementTree.Element, ElementTree.Element]:
    """The packet's root and the rdf:RDF in it. Strangers wrote it: one with a document type is not read."""
    if xmp and b"<!" not in xmp:
        try:
            root = ElementTree.fromstring(xmp.strip(b"\0 \r\n\t"))
        except ElementTree.ParseError:
            return _fresh()
        if root.tag == f"{{{_RDF}}}RDF":
            wrapped = ElementTree.Element(f"{{{_X}}}xmpmeta")
            wrapped.append(root)
            return wrapped, root
        descriptions = root.find(f"{{{_RDF}}}RDF")
        if descriptions is not None:
            return root, descriptions
    return _fresh()


def _fresh() -> tuple[ElementTree.Element, ElementTree.Element]:
    """An empty packet."""
    root = ElementTree.Element(f"{{{_X}}}xmpmeta")
    return root, ElementTree.SubElement(root, f"{{{_RDF}}}RDF")
