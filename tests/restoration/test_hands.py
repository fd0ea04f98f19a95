"""The curator's hand: which PNGs are one, and that the same drawing is kept as the same bytes."""

import io

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from archive.errors import InputError
from archive.formats import decoders
from archive.formats.apart import DecoderStopped
from restoration.running.hands import LARGEST_BYTES, checked_hand, read_hand
from tests import pictures


def drawn(width: int = 64, height: int = 48) -> np.ndarray:
    """A hand with something to repair at the left and something to protect at the right."""
    values = np.zeros((height, width), np.uint8)
    values[10:20, 5:15] = 255
    values[10:20, 40:50] = 128
    return values


def png(values: np.ndarray, **options: object) -> bytes:
    return pictures.png(Image.fromarray(values), **options)


def refused(content: bytes, *, width: int = 640, height: int = 480) -> str:
    with pytest.raises(InputError) as error:
        checked_hand(content, width=width, height=height)
    assert error.value.message
    return error.value.code.removeprefix("restoration:hand:")


def test_a_hand_is_kept_as_it_was_drawn():
    kept = checked_hand(png(drawn()), width=640, height=480)
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        assert (np.asarray(image) == drawn()).all()


def as_transparent(values: np.ndarray) -> bytes:
    """What a canvas gives: colour and transparency, nothing where nothing was drawn."""
    rgba = np.repeat(values[..., None], 4, axis=2)
    rgba[..., 3] = np.where(values > 0, 255, 0)
    return png(rgba)


@pytest.mark.parametrize(
    "content",
    [
        png(drawn(), compress_level=0),
        png(np.repeat(drawn()[..., None], 3, axis=2)),
        as_transparent(drawn()),
        pictures.png(Image.fromarray(drawn()).quantize(4)),
        pictures.png(Image.fromarray(drawn()), pnginfo=None, dpi=(300, 300)),
    ],
    ids=["uncompressed", "three-channels", "transparent", "palette", "with-resolution"],
)
def test_the_same_drawing_gives_the_same_bytes(content):
    kept = checked_hand(content, width=640, height=480)
    assert kept == checked_hand(png(drawn()), width=640, height=480)


def test_a_bilevel_png_is_repair_and_nothing():
    values = (drawn() == 255) * np.uint8(255)
    kept = checked_hand(pictures.png(Image.fromarray(values).convert("1")), width=64, height=48)
    assert kept == checked_hand(png(values), width=64, height=48)


def test_a_hand_that_says_nothing_is_none():
    assert checked_hand(png(np.zeros((48, 64), np.uint8)), width=640, height=480) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-a-png"),
        (b"Dear Siti", "not-a-png"),
        (pictures.jpeg(Image.fromarray(drawn())), "not-a-png"),
        (pictures.truncated(png(drawn(), compress_level=0)), "not-a-png"),
        (png(drawn(4097, 1)), "too-large"),
        (pictures.png_that_claims(100_000, 75_000), "too-large"),
        (png(drawn(64, 64)), "proportions"),
        (png(drawn(48, 64)), "proportions"),
        (png(np.where(drawn() == 128, 127, drawn()).astype(np.uint8)), "values"),
        (png(np.repeat(drawn()[..., None], 3, axis=2) * np.array([1, 0, 0], np.uint8)), "values"),
        (png(np.dstack([drawn()] * 3 + [np.full_like(drawn(), 128)])), "values"),
        (pictures.grey16_png(64, 48), "values"),
    ],
    ids=[
        "empty", "text", "jpeg", "truncated", "long", "bomb", "square", "lying",
        "soft-edge", "red", "half-transparent", "sixteen-bits",
    ],
)  # fmt: skip
def test_what_is_no_hand_is_refused(content, code):
    assert refused(content) == code


@pytest.mark.parametrize(
    ("photo", "hand"),
    [((1, 1), (1, 1)), ((10_000, 3), (4096, 1)), ((3, 10_000), (2, 4096)), ((1001, 667), (500, 333))],
)
def test_rounding_is_no_other_proportion(photo, hand):
    values = np.full((hand[1], hand[0]), 255, np.uint8)
    assert checked_hand(png(values), width=photo[0], height=photo[1])


def test_an_upload_that_is_far_too_large_is_not_even_read():
    class Endless(SimpleUploadedFile):
        def read(self, *args: object) -> bytes:
            raise AssertionError("read")

    file = Endless("hand.png", b"x")
    file.size = LARGEST_BYTES + 1
    with pytest.raises(InputError) as error:
        read_hand(file)
    assert error.value.code == "restoration:hand:too-large"
    assert read_hand(SimpleUploadedFile("hand.png", b"x")) == b"x"


def test_one_that_breaks_its_decoder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_asked: object, **_values: object) -> None:
        raise DecoderStopped("it needed more memory than is allowed")

    monkeypatch.setattr(decoders, "decode_apart", stopped)
    assert refused(png(drawn())) == "archive:file:decoder-stopped"
