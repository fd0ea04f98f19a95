"""The marking goes into any packet, the packet stays what it was, and strangers' packets do no harm."""

from xml.etree import ElementTree

import pytest

from mlcore.masters.xmp import DIGITAL_SOURCE_TYPE, divided, marked, merged
from tests.mlcore.masters.master_files import MARKING

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"

XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<!-- by hand -->
<rdf:Description rdf:about="urn:1" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:arsip="urn:arsip"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" arsip:shelf="B 12"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/print">
<dc:title><rdf:Alt><rdf:li xml:lang="id">Nenek di Bandung, 1931</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def source_types(packet: bytes) -> list[str]:
    """Every DigitalSourceType in a packet, by a parser of another kind."""
    root = ElementTree.fromstring(packet)
    return [
        value
        for description in root.iter(f"{RDF}Description")
        for value in (
            *[v for k, v in description.attrib.items() if k == f"{IPTC}DigitalSourceType"],
            *[node.text for node in description.findall(f"{IPTC}DigitalSourceType")],
        )
    ]


def test_only_the_source_type_is_replaced() -> None:
    packet = marked(XMP, MARKING)
    assert source_types(packet) == [DIGITAL_SOURCE_TYPE]
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    for part in (b"Nenek di Bandung, 1931", b'arsip:shelf="B 12"', b"<!-- by hand -->", b'xml:lang="id"'):
        assert part in packet
    root = ElementTree.fromstring(packet)
    assert {node.attrib[f"{RDF}about"] for node in root.iter(f"{RDF}Description")} == {"urn:1"}


def test_a_source_type_said_as_an_element_is_replaced_too() -> None:
    inner = b"<Iptc4xmpExt:DigitalSourceType>old</Iptc4xmpExt:DigitalSourceType><dc:title>"
    packet = XMP.replace(b"<dc:title>", inner, 1)
    assert source_types(marked(packet, MARKING)) == [DIGITAL_SOURCE_TYPE]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    packet = marked(XMP.decode().encode(encoding), MARKING)
    assert source_types(packet) == [DIGITAL_SOURCE_TYPE]
    assert b"Nenek di Bandung, 1931" in packet


def test_a_bare_rdf_is_kept_too() -> None:
    bare = XMP.split(b'"adobe:ns:meta/">')[1].split(b"</x:xmpmeta>")[0]
    packet = marked(bare, MARKING)
    assert source_types(packet) == [DIGITAL_SOURCE_TYPE]
    assert b"Nenek di Bandung, 1931" in packet
    assert b"x:xmpmeta" in packet


def test_other_prefixes_are_understood() -> None:
    packet = marked(XMP.replace(b"rdf:", b"r:").replace(b"xmlns:rdf", b"xmlns:r"), MARKING)
    assert source_types(packet) == [DIGITAL_SOURCE_TYPE]
    assert len(ElementTree.fromstring(packet).findall(f".//{RDF}Seq/{RDF}li")) == 1


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(None, id="none"),
        pytest.param(b"", id="empty"),
        pytest.param(b"<x:xmpmeta", id="broken"),
        pytest.param(b"\xff\xfe\x00", id="not text"),
        pytest.param(b"<html/>", id="something else"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "ccc">]>' + XMP.replace(b"Nenek", b"&b;"), id="entities"),
        pytest.param(
            ('<!DOCTYPE a [<!ENTITY b "ccc">]>' + XMP.decode().replace("Nenek", "&b;")).encode("utf-16"),
            id="entities in another encoding",
        ),
    ],
)
def test_a_packet_that_cannot_be_trusted_is_replaced(packet: bytes | None) -> None:
    fresh = marked(packet, MARKING)
    assert source_types(fresh) == [DIGITAL_SOURCE_TYPE]
    assert b"ccc" not in fresh


def test_marking_again_adds_to_the_history_only() -> None:
    twice = marked(marked(XMP, MARKING), MARKING)
    assert source_types(twice) == [DIGITAL_SOURCE_TYPE]
    assert len(ElementTree.fromstring(twice).findall(f".//{RDF}Seq/{RDF}li")) == 2


def test_the_same_marking_gives_the_same_bytes() -> None:
    assert marked(XMP, MARKING) == marked(XMP, MARKING)


def test_what_was_divided_comes_together_again() -> None:
    short, extension = divided(marked(XMP, MARKING))
    assert source_types(short) == [DIGITAL_SOURCE_TYPE]
    assert source_types(extension) == []
    together = merged(short, extension)
    assert source_types(together) == [DIGITAL_SOURCE_TYPE]
    assert b"Nenek di Bandung, 1931" in together
    assert b"HasExtendedXMP" not in together
