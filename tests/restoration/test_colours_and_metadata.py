"""What an archive needs to survive a restoration, by way of upload and worker: kind of file, depth, colours,
profile, metadata; and the mark that says how the result came about. `tests/mlcore/masters` looks at every
kind of file; here it is that nothing is lost on the way there.
"""

import io
import json
import subprocess

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from restoration.models import Restoration
from restoration.tasks import run_restoration
from tests import pictures
from tests.factories import make_photo, make_restoration
from tests.stored import result_path

pytestmark = pytest.mark.django_db

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def restored(content: bytes, **asked: object) -> Restoration:
    restoration = make_restoration(
        photo=make_photo(content=content), status=Restoration.Status.QUEUED, **asked
    )
    assert run_restoration(str(restoration.id)) == "done"
    restoration.refresh_from_db()
    assert restoration.change_report["share_changed"] > 0, "the network had nothing to do in this picture"
    return restoration


def protected_below(width: int, height: int) -> bytes:
    """A hand that protects the lower half."""
    values = np.zeros((height, width), np.uint8)
    values[height // 2 :] = 128
    return pictures.png(Image.fromarray(values))


def sixteen_bits() -> bytes:
    """A 16-bit RGB TIFF, LZW in strips, with a profile."""
    values = np.asarray(pictures.portrait()).astype(np.uint16) * 257 + 3
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="rgb", compression="lzw", rowsperstrip=16, iccprofile=PROFILE)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (sixteen_bits(), "image/tiff", ".tif"),
        (pictures.bilevel_tiff(), "image/tiff", ".tif"),
        (pictures.jpeg(pictures.portrait()), "image/jpeg", ".jpg"),
        (pictures.cmyk_jpeg(), "image/jpeg", ".jpg"),
        (pictures.grey16_png(128, 160), "image/png", ".png"),
        (pictures.encoded(pictures.portrait(), "WEBP", lossless=True), "image/png", ".png"),
        (pictures.encoded(pictures.portrait(), "BMP"), "image/png", ".png"),
    ],
    ids=["16-bit tiff", "bilevel tiff", "jpeg", "cmyk", "16-bit png", "webp", "bmp"],
)
def test_a_result_is_of_its_original_s_kind(model_version, content, media_type, suffix):
    restoration = restored(content)
    assert (restoration.result_media_type, result_path(restoration).suffix) == (media_type, suffix)
    with Image.open(result_path(restoration)) as image:
        assert Image.MIME[image.format] == media_type
        assert image.size == (restoration.result_width, restoration.result_height)


def test_sixteen_bits_stay_and_what_is_protected_stays_bit_for_bit(model_version):
    content = sixteen_bits()
    restoration = restored(content, hand=protected_below(128, 160))
    before = tifffile.imread(io.BytesIO(content))
    after = tifffile.imread(result_path(restoration))
    assert after.dtype == np.uint16
    assert (after[80:] == before[80:]).all()
    assert (after[:80] != before[:80]).any()
    with tifffile.TiffFile(result_path(restoration)) as file:
        assert file.pages[0].tags["InterColorProfile"].value == PROFILE


def test_profile_exif_and_resolution_are_kept(model_version):
    exif = Image.Exif()
    exif[0x010E] = "A wedding in Solo"
    exif[0x0132] = "1931:05:04 10:00:00"
    restoration = restored(pictures.jpeg(pictures.portrait(), icc_profile=PROFILE, exif=exif, dpi=(600, 600)))
    with Image.open(result_path(restoration)) as image:
        assert image.info["icc_profile"] == PROFILE
        assert image.getexif()[0x010E] == "A wedding in Solo"
        assert image.getexif()[0x0132] == "1931:05:04 10:00:00"
        assert image.info["dpi"] == pytest.approx((600, 600), abs=0.02)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_result_is_stored_as_its_original_is_and_shown_upright(model_version, orientation):
    upright = pictures.portrait(96, 128)
    restoration = restored(pictures.rotated_jpeg(orientation, upright))
    assert (restoration.result_width, restoration.result_height) == upright.size
    with Image.open(result_path(restoration)) as image:
        assert image.getexif()[pictures.EXIF_ORIENTATION] == orientation
        assert image.size == (upright.size if orientation == 3 else upright.size[::-1])


@pytest.mark.parametrize(
    "content",
    [
        pictures.png(pictures.portrait().convert("L")),
        pictures.png(pictures.portrait().convert("L").convert("RGB")),
    ],
    ids=["one channel", "three equal channels"],
)
def test_grey_stays_grey(model_version, content):
    with Image.open(result_path(restored(content))) as image:
        assert image.mode == pictures.opened(content).mode
        values = np.asarray(image.convert("RGB"))
    assert (values == values[..., :1]).all()


@pytest.mark.parametrize(
    "content",
    [pictures.png(pictures.portrait()), pictures.jpeg(pictures.portrait()), sixteen_bits()],
    ids=["png", "jpeg", "tiff"],
)
def test_every_result_says_how_it_came_about(model_version, content):
    """Read by exiftool, which is none of ours."""
    restoration = restored(content)
    read = subprocess.run(
        ["exiftool", "-json", "-XMP:all", str(result_path(restoration))],
        capture_output=True,
        check=True,
        text=True,
    )
    told = json.loads(read.stdout)[0]
    assert told["DigitalSourceType"] == SOURCE_TYPE
    assert told["AISystemUsed"].startswith("Pulih ")
    assert model_version.weights_sha256 in told["AISystemVersionUsed"]
    assert str(model_version) in told["AISystemVersionUsed"]
    # The date of the request, so that the same bytes can be made again.
    when = told["HistoryWhen"]
    assert (when[0] if isinstance(when, list) else when).startswith(
        f"{restoration.requested_at:%Y:%m:%d %H:%M}"
    )
