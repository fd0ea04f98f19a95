"""Networks: the paper's sizes, the field of view, and what the default generator promises."""

import json

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mlcore.networks import FindFillRefine, PatchGAN, UNetGenerator, build_generator
from mlcore.networks.find_fill_refine import decided, distrusted
from mlcore.networks.lean import LeanUNet
from mlcore.networks.push_pull import push_pull
from mlcore.presets import LEAN


def _parameters(network: nn.Module) -> float:
    return sum(parameter.numel() for parameter in network.parameters()) / 1e6


def test_paper_sizes() -> None:
    assert _parameters(UNetGenerator()) == pytest.approx(54.41, abs=0.01)
    assert _parameters(PatchGAN()) == pytest.approx(2.77, abs=0.01)


def test_shipped_generator_fits_thirty_megabytes_in_half_precision() -> None:
    assert _parameters(FindFillRefine()) * 2 < 30


def test_unet_comes_down_to_one_pixel_and_back() -> None:
    network = UNetGenerator(base_channels=4, max_channels=16).train()
    sizes: list[tuple[int, int]] = []
    for block in network.encoder:
        block.register_forward_hook(lambda _m, _i, output: sizes.append(tuple(output.shape[-2:])))
    restored = network(torch.rand(2, 3, 256, 256) * 2 - 1).restored
    assert sizes == [(2**power, 2**power) for power in range(7, -1, -1)]
    assert restored.shape == (2, 3, 256, 256)
    assert restored.abs().max() <= 1


def test_patchgan_sees_seventy_pixels() -> None:
    """Computed by hand from strides and kernels, then seen in the gradient of one verdict."""
    field = 1
    for stride in (1, 1, 2, 2, 2):
        field = (field - 1) * stride + 4
    assert field == 70
    network = PatchGAN(base_channels=4).eval()
    picture = torch.rand(1, 3, 256, 256, requires_grad=True)
    verdicts = network(picture, picture)
    assert verdicts.shape == (1, 1, 30, 30)
    verdicts[0, 0, 15, 15].backward()
    assert picture.grad is not None
    touched = picture.grad.abs().sum(dim=(0, 1)) > 0
    assert (int(touched.any(dim=0).sum()), int(touched.any(dim=1).sum())) == (70, 70)


@pytest.mark.parametrize("size", [(64, 64), (128, 192), (256, 64)])
def test_default_generator_takes_multiples_of_its_stride(size: tuple[int, int]) -> None:
    network = build_generator("find_fill_refine", base_channels=4).eval()
    with torch.inference_mode():
        output = network(torch.rand(1, 3, *size) * 2 - 1)
    assert output.restored.shape == (1, 3, *size)
    assert output.mask is not None
    assert output.mask.shape == (1, 1, *size)
    assert output.mask.min() >= 0
    assert output.mask.max() <= 1


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_one_stride_is_enough_at_any_depth(depth: int) -> None:
    network = build_generator("find_fill_refine", base_channels=4, depth=depth).eval()
    size = (network.stride, 3 * network.stride)
    with torch.inference_mode():
        assert network(torch.rand(1, 3, *size) * 2 - 1).restored.shape == (1, 3, *size)


def test_lean_parts_take_multiples_of_their_stride_and_a_sixth_of_the_multiplications() -> None:
    lean, default = FindFillRefine(**LEAN).eval(), FindFillRefine().eval()
    assert lean.stride == 16
    multiplied = {}
    for network, size in ((lean, (16, 48)), (lean, (128, 128)), (default, (128, 128))):
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            output = network(torch.rand(1, 3, *size) * 2 - 1)
        assert output.restored.shape == (1, 3, *size)
        assert output.mask is not None
        assert output.mask.shape == (1, 1, *size)
        multiplied[network] = counter.get_total_flops()
    assert multiplied[lean] * 5 < multiplied[default]


def test_options_that_were_not_given_are_not_written_down() -> None:
    """A file of before the lean parts is still the same file."""
    assert set(FindFillRefine().options) == {"base_channels", "depth", "max_channels", "relaxations"}
    options = json.loads(json.dumps(FindFillRefine(**LEAN).options))
    again = build_generator("find_fill_refine", **options)
    assert again.options == options
    assert again.state_dict().keys() == FindFillRefine(**LEAN).state_dict().keys()


def test_levels_and_their_ways_must_agree() -> None:
    with pytest.raises(ValueError, match="2 levels, but 2 ways down and 2 up"):
        LeanUNet(3, 1, widths=(4, 8), down=(0, 0), up=(0, 0))


def test_intact_pixels_come_out_exactly_and_damaged_ones_change() -> None:
    network = build_generator("find_fill_refine", base_channels=4).eval()
    degraded = torch.rand(1, 3, 64, 64) * 2 - 1
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:40, 20:40] = 1
    with torch.inference_mode():
        restored = network(degraded, mask).restored
    intact = mask.expand_as(degraded) == 0
    assert torch.equal(restored[intact], degraded[intact])
    assert not torch.equal(restored[~intact], degraded[~intact])


def test_sure_verdicts_are_exact_zero_and_one() -> None:
    assert decided(torch.tensor([-9.0, 9.0])).tolist() == [0.0, 1.0]


def test_in_training_the_finder_learns_even_when_the_mask_is_told() -> None:
    network = build_generator("find_fill_refine", base_channels=4).train()
    output = network(torch.rand(2, 3, 64, 64), torch.ones(2, 1, 64, 64))
    assert output.mask_logits is not None
    output.mask_logits.sum().backward()
    assert all(parameter.grad is not None for parameter in network.get_submodule("finder").parameters())


def test_the_filling_learns_from_the_finders_mask_and_the_finder_does_not() -> None:
    network = FindFillRefine(base_channels=4).train()
    degraded = torch.rand(2, 3, 64, 64) * 2 - 1
    found = network.find(degraded)
    output = network.fill(degraded, found)
    output.restored.sum().backward()
    assert output.mask_logits is None
    assert all(parameter.grad is None for parameter in network.finder.parameters())
    assert all(parameter.grad is not None for parameter in network.refiner.parameters())


def test_what_lies_under_the_mask_is_not_thrown_away() -> None:
    """A stain is translucent, and a false alarm intact: the refiner may look."""
    network = FindFillRefine(base_channels=4).eval()
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 20:40, 20:40] = 1
    degraded = torch.zeros(1, 3, 64, 64)
    stained = degraded + mask * 0.5
    with torch.inference_mode():
        plain, seen = (network(picture, mask).restored for picture in (degraded, stained))
    assert not torch.equal(plain, seen)


def test_unknown_generator_is_named() -> None:
    with pytest.raises(ValueError, match="unknown generator 'resnet'; known: unet_256, find_fill_refine"):
        build_generator("resnet")


def _hole(height: int, width: int) -> Tensor:
    damage = torch.zeros(1, 1, height, width)
    damage[..., height // 4 : height // 2, width // 4 : width // 2] = 1
    return damage


@pytest.mark.parametrize("size", [(64, 64), (37, 53), (1, 9)])
def test_push_pull_keeps_what_is_known_and_fills_an_even_field_evenly(size: tuple[int, int]) -> None:
    image = torch.full((1, 3, *size), 0.3)
    damage = _hole(*size)
    torn = torch.where(damage > 0, torch.tensor(5.0), image)
    assert torch.allclose(push_pull(torn, damage), image, atol=1e-5)


def test_push_pull_leaves_undamaged_pixels_bit_for_bit() -> None:
    image = torch.rand(2, 3, 40, 40)
    damage = _hole(40, 40).expand(2, -1, -1, -1)
    known = damage.expand_as(image) == 0
    assert torch.equal(push_pull(image, damage)[known], image[known])


def test_a_filling_takes_less_from_an_unnoticed_rim() -> None:
    """A black hole in an even picture of 0.5, found one pixel too small all round."""
    image = torch.full((1, 3, 64, 64), 0.5)
    image[..., 20:40, 20:40] = -1
    found = torch.zeros(1, 1, 64, 64)
    found[..., 21:39, 21:39] = 1
    inside = (..., slice(24, 36), slice(24, 36))
    naive, careful = (push_pull(image, damage)[inside].mean() for damage in (found, distrusted(found)))
    assert abs(careful - 0.5) < abs(naive - 0.5) * 0.6


def test_others_take_less_from_a_pixel_in_doubt_than_it_keeps_of_itself() -> None:
    found = torch.zeros(1, 1, 9, 9)
    found[..., 4, 4] = 0.5
    assert distrusted(found)[..., 4, 4].item() == 0.75
    sure = (torch.rand(1, 1, 9, 9) > 0.5).float()
    assert torch.equal(distrusted(sure)[sure == 1], sure[sure == 1])


def test_push_pull_of_nothing_known_is_zero() -> None:
    assert push_pull(torch.rand(1, 3, 16, 16), torch.ones(1, 1, 16, 16)).abs().max() == 0


def test_relaxing_brings_the_filling_of_a_ramp_closer_to_the_ramp() -> None:
    """A ramp solves Laplace's equation, so it is what the hole ought to be filled with."""
    ramp = torch.linspace(-1, 1, 64).expand(1, 3, 64, 64)
    damage = _hole(64, 64)
    rough, smooth = (
        (push_pull(ramp, damage, steps) - ramp).abs()[damage.expand_as(ramp) > 0].mean() for steps in (0, 8)
    )
    assert smooth < rough * 0.5
