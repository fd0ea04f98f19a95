"""What an archive needs to survive the network: colours, profile, EXIF, XMP, resolution, upright pixels."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageCms

from archive.storage import Area, stored_path
from restoration import results
from restoration.models import Restoration
from restoration.originals import open_original, to_grey
from restoration.results import DIGITAL_SOURCE_TYPE, mark_as_restored
from restoration.tasks import run_restoration
from tests import pictures
from tests.factories import make_photo, make_restoration

SOURCE_TYPE_ATTRIBUTE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
RDF_DESCRIPTION = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"

XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/print">
<dc:title><rdf:Alt><rdf:li xml:lang="id">Nenek di Bandung, 1931</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def restored(content: bytes) -> Image.Image:
    """The result for an original, by way of upload and worker."""
    restoration = make_restoration(photo=make_photo(content=content), status=Restoration.Status.QUEUED)
    assert run_restoration(str(restoration.id)) == "done"
    restoration.refresh_from_db()
    assert restoration.change_report["share_changed"] > 0, "the network had nothing to do in this picture"
    image = Image.open(stored_path(Area.RESULTS, restoration.result_sha256, ".png"))
    image.load()
    assert image.size == (restoration.result_width, restoration.result_height)
    return image


def source_types(packet: bytes) -> list[str]:
    """Every DigitalSourceType in an XMP packet, by a reader of our own."""
    root = ElementTree.fromstring(packet)
    return [
        description.attrib[SOURCE_TYPE_ATTRIBUTE]
        for description in root.iter(RDF_DESCRIPTION)
        if SOURCE_TYPE_ATTRIBUTE in description.attrib
    ]


@pytest.mark.django_db
def test_every_result_says_that_a_trained_algorithm_had_a_hand_in_it(model_version):
    image = restored(pictures.png(pictures.portrait()))
    assert source_types(image.info["xmp"]) == [
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    ]


@pytest.mark.django_db
def test_the_original_s_xmp_stays_and_only_its_source_type_is_replaced(model_version):
    image = restored(pictures.jpeg(pictures.portrait(), xmp=XMP))
    assert source_types(image.info["xmp"]) == [DIGITAL_SOURCE_TYPE]
    assert "Nenek di Bandung, 1931" in image.info["xmp"].decode()


@pytest.mark.django_db
def test_profile_exif_and_resolution_are_kept(model_version):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010E] = "A wedding in Solo"
    exif[0x0132] = "1931:05:04 10:00:00"
    image = restored(pictures.jpeg(pictures.portrait(), icc_profile=profile, exif=exif, dpi=(600, 600)))
    assert image.info["icc_profile"] == profile
    assert image.getexif()[0x010E] == "A wedding in Solo"
    assert image.getexif()[0x0132] == "1931:05:04 10:00:00"
    assert image.info["dpi"] == pytest.approx((600, 600), abs=0.02)


@pytest.mark.django_db
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_result_is_upright_and_no_longer_asks_to_be_turned(model_version, orientation):
    upright = pictures.portrait(96, 128)
    image = restored(pictures.rotated_jpeg(orientation, upright))
    assert image.size == upright.size
    assert image.getexif().get(pictures.EXIF_ORIENTATION, 1) == 1
    distances = {
        turn: np.abs(np.rot90(np.asarray(upright), turn).astype(int) - np.asarray(image)).mean()
        for turn in (0, 2)
    }
    assert distances[0] < distances[2] / 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "mode"),
    [
        pytest.param(pictures.png(pictures.portrait().convert("L")), "L", id="one channel"),
        pytest.param(pictures.grey16_png(), "L", id="16 bit"),
        pytest.param(pictures.bilevel_tiff(), "L", id="bilevel"),
        pytest.param(
            pictures.png(pictures.portrait().convert("L").convert("RGB")), "RGB", id="three equal channels"
        ),
    ],
)
def test_grey_stays_grey(model_version, content, mode):
    image = restored(content)
    assert image.mode == mode
    if mode == "RGB":
        pixels = np.asarray(image)
        assert (pixels[..., 0] == pixels[..., 1]).all()
        assert (pixels[..., 1] == pixels[..., 2]).all()


@pytest.mark.django_db
def test_colour_stays_colour(model_version):
    image = restored(pictures.png(pictures.portrait()))
    assert image.mode == "RGB"
    assert np.ptp(np.asarray(image).astype(int), axis=2).max() > 40


@pytest.mark.django_db
def test_a_grey_profile_stays_with_its_grey_picture(model_version):
    grey = pictures.portrait().convert("L")
    content = pictures.encoded(grey, "TIFF", icc_profile=b"whatever the scanner wrote", dpi=(300, 300))
    image = restored(content)
    assert (image.mode, image.info["icc_profile"]) == ("L", b"whatever the scanner wrote")


def test_pixels_go_to_the_network_as_they_stand_in_the_file(tmp_path):
    """Not through a colour conversion: what the network leaves alone is then exactly the original's."""
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    path = tmp_path / "original"
    picture = pictures.portrait()
    path.write_bytes(pictures.encoded(picture, "PNG", icc_profile=wide.tobytes()))
    opened = open_original(path)
    assert np.array_equal(opened.pixels, np.asarray(picture))
    assert (opened.is_grey, opened.one_channel) == (False, False)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pictures.cmyk_jpeg(), id="CMYK"),
        pytest.param(pictures.palette_png(), id="palette"),
        pytest.param(pictures.transparent_png(), id="transparent"),
        pytest.param(pictures.lab_tiff(), id="Lab"),
        pytest.param(pictures.float_tiff(), id="float"),
    ],
)
def test_other_kinds_become_plain_rgb_without_their_old_profile(tmp_path, content):
    path = tmp_path / "original"
    path.write_bytes(content)
    opened = open_original(path)
    assert (opened.pixels.dtype, opened.pixels.ndim, opened.pixels.shape[2]) == (np.uint8, 3, 3)
    assert opened.metadata.icc_profile is None


def test_grey_conversion_is_exact_for_grey():
    values = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert np.array_equal(to_grey(values), values[..., 0])


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(None, id="none"),
        pytest.param(b"", id="empty"),
        pytest.param(b"<x:xmpmeta", id="broken"),
        pytest.param(b"\xff\xfe\x00", id="not text"),
        pytest.param(b"<html/>", id="something else"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY b "'
            + b"c" * 1000
            + b'">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>',
            id="entities",
        ),
    ],
)
def test_a_packet_that_cannot_be_trusted_is_replaced(packet):
    marked = mark_as_restored(packet)
    assert source_types(marked) == [DIGITAL_SOURCE_TYPE]
    assert b"ccc" not in marked


def test_a_bare_rdf_is_kept_too():
    bare = (
        XMP.split(b"?>\n", 1)[1].split(b'<x:xmpmeta xmlns:x="adobe:ns:meta/">')[1].split(b"</x:xmpmeta>")[0]
    )
    marked = mark_as_restored(bare)
    assert source_types(marked) == [DIGITAL_SOURCE_TYPE]
    assert b"Nenek di Bandung, 1931" in marked


def test_a_result_survives_writing_and_reading_bit_for_bit(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (31, 17, 3), dtype=np.uint8)
    metadata = open_original_of(tmp_path, pictures.png()).metadata
    results.write_result(tmp_path / "result", pixels, metadata)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO((tmp_path / "result").read_bytes()))), pixels)


def open_original_of(folder, content):
    path = folder / "original"
    path.write_bytes(content)
    return open_original(path)
