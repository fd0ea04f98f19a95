"""Value ranges and decoding: the promises of the one place that knows them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mlcore.errors import ImageError
from mlcore.images import find_images, from_network, from_unit, load_rgb, save_png, to_network, to_unit
from tests import pictures


def test_bytes_survive_the_way_to_the_network_and_back() -> None:
    every_value = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    tensor = to_network(every_value)
    assert tensor.shape == (1, 3, 16, 16)
    assert tensor.dtype == torch.float32
    assert tensor.min() == -1.0
    assert tensor.max() == 1.0
    assert np.array_equal(from_network(tensor), every_value)


def test_channels_keep_their_order() -> None:
    red = np.zeros((2, 4, 3), np.uint8)
    red[..., 0] = 255
    tensor = to_network(red)[0]
    assert torch.all(tensor[0] == 1.0)
    assert torch.all(tensor[1:] == -1.0)


def test_values_outside_are_clamped_not_wrapped() -> None:
    assert from_network(torch.full((1, 3, 1, 1), 1.5)).max() == 255
    assert from_network(torch.full((1, 3, 1, 1), -1.5)).min() == 0


def test_unit_and_network_are_inverse() -> None:
    values = torch.linspace(-1, 1, 11)
    assert torch.allclose(from_unit(to_unit(values)), values, atol=1e-6)
    assert to_unit(torch.tensor(0.0)) == 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(tmp_path: Path, orientation: int) -> None:
    upright = pictures.gradient(64, 48)
    path = tmp_path / "turned.jpg"
    path.write_bytes(pictures.rotated_jpeg(orientation, upright))
    assert load_rgb(path).shape == (48, 64, 3)
    assert np.abs(load_rgb(path).astype(int) - np.asarray(upright)).mean() < 6


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "picture.tif"
    pictures.gradient(20, 10).convert(mode).save(path)
    assert load_rgb(path).shape == (10, 20, 3)
    assert load_rgb(path).dtype == np.uint8


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None, :].repeat(4, axis=0)
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    assert np.array_equal(load_rgb(tmp_path / "deep.png")[0, :, 0], np.arange(256))


@pytest.mark.parametrize(
    "content",
    [
        pictures.grey16_png(),
        pictures.grey16_tiff(),
        pictures.float_tiff(),
        pictures.float_tiff(white=4095.0),
        pictures.negative_grey16_tiff(),
    ],
    ids=["16-bit png", "16-bit tiff", "float tiff", "float tiff beyond 1", "negative"],
)
def test_deep_ramps_run_from_black_to_white(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "deep").write_bytes(content)
    levels = load_rgb(tmp_path / "deep")[0, :, 0].astype(int)
    expected = np.linspace(0, 255, 64)
    if content == pictures.negative_grey16_tiff():
        expected = expected[::-1]
    assert np.abs(levels - expected).max() <= 1


def test_sixteen_bit_colour_is_scaled(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16)[None, :, None].repeat(3, axis=2)
    ramp[..., 2] = 0
    cv2.imwrite(str(tmp_path / "deep.png"), ramp[..., ::-1])
    colour = load_rgb(tmp_path / "deep.png")[0].astype(int)
    assert np.abs(colour[:, 0] - np.arange(256)).max() <= 1
    assert not colour[:, 2].any()


def test_not_a_number_is_black_and_does_not_dim_the_rest(tmp_path: Path) -> None:
    values = np.array([[np.nan, 0.0, 1.0, np.inf]], np.float32)
    Image.fromarray(values).save(tmp_path / "odd.tif")
    assert load_rgb(tmp_path / "odd.tif")[0, :, 0].tolist() == [0, 0, 255, 0]


def test_lab_becomes_srgb(tmp_path: Path) -> None:
    (tmp_path / "lab.tif").write_bytes(pictures.lab_tiff())
    image = load_rgb(tmp_path / "lab.tif").astype(int)
    assert np.ptp(image[0, 0]) <= 2
    assert abs(image[0, 0].mean() - 127) < 6
    assert image[0, -1].min() >= 254


def test_cmyk_keeps_its_colours_roughly(tmp_path: Path) -> None:
    (tmp_path / "print.jpg").write_bytes(pictures.cmyk_jpeg())
    assert np.abs(load_rgb(tmp_path / "print.jpg").astype(int) - np.asarray(pictures.gradient())).mean() < 6


def test_transparent_pixels_lie_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert load_rgb(tmp_path / "clear.png").min() == 255


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "mlcore:image:unreadable"),
        (b"no picture at all", "mlcore:image:unreadable"),
        (pictures.jpeg(pictures.portrait())[:1500], "mlcore:image:truncated"),
        (pictures.png(pictures.portrait())[:1500], "mlcore:image:truncated"),
    ],
)
def test_a_bad_file_is_told_by_code(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "bad.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"bad\.jpg") as caught:
        load_rgb(path)
    assert caught.value.code == code


def test_a_missing_file_is_told_by_code(tmp_path: Path) -> None:
    with pytest.raises(ImageError) as caught:
        load_rgb(tmp_path / "absent.png")
    assert caught.value.code == "mlcore:image:missing"


@pytest.mark.parametrize("shape", [(5, 7, 3), (5, 7)])
def test_saved_png_reads_back_exactly(tmp_path: Path, shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    save_png(tmp_path / "saved.png", image)
    read = load_rgb(tmp_path / "saved.png")
    assert np.array_equal(read if image.ndim == 3 else read[..., 0], image)
    assert [path.name for path in tmp_path.iterdir()] == ["saved.png"]


def test_find_images_is_alphanumeric_and_leaves_hidden_and_other_files(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", ".hidden.png", "notes.txt", "sub/c.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [path.relative_to(tmp_path).as_posix() for path in find_images(tmp_path)] == [
        "a.JPG",
        "b.png",
        "sub/c.webp",
    ]
