"""The restorer: any size, whole or tiled, exact where nothing is damaged, bounded in memory."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from mlcore.checkpoints import save_generator, sha256_of
from mlcore.errors import CheckpointError
from mlcore.images import Bytes
from mlcore.inference import Restorer, change_report
from mlcore.networks import GeneratorOutput, build_generator
from tests.mlcore.toy_generators import Blur, Brighten, Identity, Redden


def noise(height: int, width: int, seed: int = 0) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def bright_noise(height: int, width: int) -> Bytes:
    """Far from what a toy network takes for the value beyond the border, so that its influence shows."""
    return noise(height, width) // 2 + 128


SIZES = [(1, 1), (1, 2), (1, 700), (333, 1), (31, 33), (32, 32), (64, 65), (127, 129), (500, 700), (700, 500)]


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("tile", [64, 1024])
def test_a_network_that_changes_nothing_gives_the_exact_bytes_back(
    height: int, width: int, tile: int
) -> None:
    image = noise(height, width)
    restored = Restorer(Identity(), tile=tile, overlap=32).restore(image)
    np.testing.assert_array_equal(restored.image, image)
    assert restored.mask is not None
    assert restored.mask.dtype == np.float32
    assert restored.mask.shape == (height, width)
    np.testing.assert_allclose(restored.mask, 1, atol=1e-6)


@pytest.mark.parametrize(
    ("height", "width", "overlap"), [(200, 333, 32), (64, 65, 24), (401, 90, 0), (500, 700, 16)]
)
def test_every_size_of_overlap_gives_the_exact_bytes_back(height: int, width: int, overlap: int) -> None:
    image = noise(height, width)
    restored = Restorer(Identity(stride=16), tile=64, overlap=overlap).restore(image)
    np.testing.assert_array_equal(restored.image, image)


def test_grey_in_grey_out_and_colours_left_alone() -> None:
    colourful = noise(40, 70)
    grey = colourful[..., :1].repeat(3, axis=2)
    assert change_report(grey, Restorer(Redden()).restore(grey).image)["mean_change"] > 5
    restored = Restorer(Redden()).restore(grey).image
    assert (restored == restored[..., :1]).all()
    np.testing.assert_array_equal(Restorer(Identity()).restore(grey).image, grey)
    tinted = Restorer(Redden()).restore(colourful).image
    np.testing.assert_array_equal(tinted[..., 1:], colourful[..., 1:])


def test_tiles_equal_the_whole_where_the_network_looks_no_further_than_a_quarter_of_the_overlap() -> None:
    image = bright_noise(300, 430)
    whole = Restorer(Blur(radius=8), tile=1024).restore(image)
    tiled = Restorer(Blur(radius=8), tile=128, overlap=32).restore(image)
    assert change_report(whole.image, tiled.image)["max_change"] <= 1


def test_tiles_differ_from_the_whole_only_near_seams_where_the_network_looks_further() -> None:
    image = bright_noise(64, 512)
    whole = Restorer(Blur(radius=16), tile=1024).restore(image).image.astype(int)
    tiled = Restorer(Blur(radius=16), tile=64, overlap=32).restore(image).image.astype(int)
    columns = np.flatnonzero(np.abs(whole - tiled).max(axis=(0, 2)) > 1)
    assert len(columns) > 0
    # Tiles of 64 that overlap by 32 begin every 32 pixels; of each overlap the middle half is blended.
    distance_to_seam = np.abs((columns - 16 + 16) % 32 - 16)
    assert distance_to_seam.max() <= 8


def test_borders_are_mirrored_not_black() -> None:
    image = noise(70, 45)
    blurred = uniform_filter(
        np.pad(image.astype(np.float64), ((0, 10), (0, 19), (0, 0)), mode="reflect"),
        size=(7, 7, 1),
        mode="constant",
    )
    restored = Restorer(Blur(radius=3)).restore(image).image.astype(np.float64)
    # Above and to the left there is no padding, and the toy takes black (in its range: grey) from beyond.
    np.testing.assert_allclose(restored[3:, 3:], blurred[3:70, 3:45], atol=0.51)


def test_only_pixels_in_the_mask_change() -> None:
    image = noise(300, 200)
    restored = Restorer(Brighten(), tile=128, overlap=64).restore(image)
    dark = image[..., 0] < 128
    assert restored.mask is not None
    np.testing.assert_allclose(restored.mask, dark, atol=1e-6)
    np.testing.assert_array_equal(restored.image[~dark], image[~dark])
    expected = np.minimum(image[dark].astype(int) + 40, 255)
    np.testing.assert_array_equal(restored.image[dark], expected)


def test_the_default_network_leaves_what_it_takes_for_intact_bit_for_bit() -> None:
    torch.manual_seed(0)
    generator = build_generator("find_fill_refine", base_channels=4, depth=3, max_channels=8)
    image = noise(150, 170)
    restored = Restorer(generator, tile=96, overlap=32).restore(image)
    assert restored.mask is not None
    intact = restored.mask == 0
    assert 0 < intact.sum() < intact.size
    np.testing.assert_array_equal(restored.image[intact], image[intact])
    assert change_report(image, restored.image)["share_changed"] > 0


def test_a_network_without_a_finder_gives_no_mask() -> None:
    assert Restorer(Blur(radius=1)).restore(noise(20, 20)).mask is None


def test_the_mask_can_be_left_out() -> None:
    restored = Restorer(Brighten()).restore(noise(20, 20), keep_mask=False)
    assert restored.mask is None
    assert restored.image.shape == (20, 20, 3)


@pytest.mark.parametrize(("height", "width", "tiles"), [(40, 40, 1), (64, 64, 1), (100, 300, 3 * 9)])
def test_progress_begins_at_nought_never_falls_and_ends_complete(height: int, width: int, tiles: int) -> None:
    calls: list[tuple[int, int]] = []
    Restorer(Identity(), tile=64, overlap=32).restore(
        noise(height, width), lambda done, total: calls.append((done, total))
    )
    assert calls == [(done, tiles) for done in range(tiles + 1)]


def test_a_long_picture_of_few_pixels_is_processed_whole() -> None:
    generator = Identity()
    Restorer(generator, tile=256).restore(noise(60, 900))
    assert generator.seen == [(64, 928)]


def test_no_tile_is_larger_than_asked() -> None:
    generator = Identity()
    Restorer(generator, tile=100, overlap=32).restore(noise(500, 700))
    assert set(generator.seen) == {(128, 128)}  # 100 rounded up to the stride


def test_floating_point_copies_are_of_one_row_of_tiles_only() -> None:
    image = noise(2000, 512)
    restorer = Restorer(Identity(), tile=128, overlap=32)
    tracemalloc.start()
    restorer.restore(image, keep_mask=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    band = 128 * 512 * 4 * 4
    assert peak < image.nbytes + 4 * band  # the whole as float32 would be 4 * image.nbytes more


def test_a_view_with_odd_strides_is_restored_like_its_copy() -> None:
    image = noise(120, 80)[::-1, ::2]
    restored = Restorer(Identity()).restore(image)
    np.testing.assert_array_equal(restored.image, image)


def test_the_input_is_not_written_to() -> None:
    image = noise(50, 60)
    image.flags.writeable = False
    assert Restorer(Brighten()).restore(image).image.flags.writeable


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4), np.uint8), r"expected \(H, W, 3\) uint8, got \(4, 4\) uint8"),
        (np.zeros((4, 4, 4), np.uint8), r"got \(4, 4, 4\) uint8"),
        (np.zeros((0, 4, 3), np.uint8), r"got \(0, 4, 3\) uint8"),
        (np.zeros((4, 4, 3), np.float32), r"got \(4, 4, 3\) float32"),
    ],
)
def test_other_arrays_are_refused(image: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Restorer(Identity()).restore(image)


@pytest.mark.parametrize(("tile", "overlap"), [(64, 33), (64, -1), (0, 0), (96, 64)])
def test_impossible_tiles_are_refused_at_once(tile: int, overlap: int) -> None:
    with pytest.raises(ValueError, match=f"overlap {overlap} must be between 0 and half of tile {tile}"):
        Restorer(Identity(), tile=tile, overlap=overlap)


class Greedy(Identity):
    """Asks for more memory than any machine has."""

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        return super().forward(torch.empty(2**50))


def test_a_tile_that_does_not_fit_into_memory_is_a_memory_error() -> None:
    with pytest.raises(MemoryError, match="a tile of up to 1536x1536 pixels does not fit"):
        Restorer(Greedy()).restore(noise(40, 40))


class Broken(Identity):
    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        raise RuntimeError("a bug")


def test_any_other_error_of_the_network_goes_on() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        Restorer(Broken()).restore(noise(40, 40))


def test_from_checkpoint_restores_as_the_network_that_was_saved(tmp_path: Path) -> None:
    torch.manual_seed(1)
    generator = build_generator("find_fill_refine", base_channels=4, depth=3, max_channels=8)
    path = tmp_path / "tiny.safetensors"
    save_generator(path, generator, {"name": "tiny"})
    restorer = Restorer.from_checkpoint(path, tile=128, overlap=16)
    assert restorer.metadata == {"name": "tiny"}
    assert restorer.sha256 == sha256_of(path)
    image = noise(60, 50)
    before = Restorer(generator.half().float()).restore(image)
    np.testing.assert_array_equal(restorer.restore(image).image, before.image)


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"absent\.safetensors: there is no such file"):
        Restorer.from_checkpoint(tmp_path / "absent.safetensors")


def test_change_report_counts_pixels_and_steps() -> None:
    before = np.full((700, 10, 3), 100, np.uint8)
    after = before.copy()
    after[0, 0] = (101, 100, 100)
    after[699, 9] = (0, 150, 100)
    assert change_report(before, after) == {
        "share_changed": 2 / 7000,
        "mean_change": (1 + 100 + 50) / 21000,
        "max_change": 100.0,
    }


def test_change_report_of_equal_pictures_is_nought() -> None:
    image = noise(9, 9)
    assert change_report(image, image) == {"share_changed": 0.0, "mean_change": 0.0, "max_change": 0.0}


def test_change_report_refuses_different_sizes() -> None:
    with pytest.raises(ValueError, match=r"different sizes: \(2, 3, 3\) and \(3, 2, 3\)"):
        change_report(noise(2, 3), noise(3, 2))
