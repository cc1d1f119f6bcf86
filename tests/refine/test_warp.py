"""Memory carried along the flow: closed form, and other people's samplers."""

import numpy as np
import pytest
import torch

from diorama.refine.warp import bilinear, catmull_rom, half_flow, reproject

H, W = 13, 17
RANDOM = np.random.default_rng(5)
IMAGE = torch.from_numpy(RANDOM.random((2, 3, H, W), np.float32))
ROWS, COLUMNS = torch.meshgrid(
    torch.arange(H, dtype=torch.float32), torch.arange(W, dtype=torch.float32), indexing="ij"
)


def constant_flow(dx: float, dy: float) -> torch.Tensor:
    return torch.tensor([dx, dy]).view(1, 2, 1, 1).expand(2, 2, H, W)


@pytest.mark.parametrize("warp", [catmull_rom, bilinear])
@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3, 0), (-2, 5), (W - 1, -H + 1)])
def test_whole_pixels_are_copied_exactly(warp, dx: int, dy: int) -> None:
    moved = warp(IMAGE, constant_flow(dx, dy))
    rows, columns = (ROWS.long() + dy).clamp(0, H - 1), (COLUMNS.long() + dx).clamp(0, W - 1)
    assert torch.equal(moved, IMAGE[:, :, rows, columns])


@pytest.mark.parametrize("warp", [catmull_rom, bilinear])
def test_a_plain_picture_stays_plain(warp) -> None:
    flow = torch.from_numpy(RANDOM.normal(0, 9, (2, 2, H, W)).astype(np.float32))
    moved = warp(torch.full((2, 3, H, W), 0.7), flow)
    assert (moved - 0.7).abs().max() < 5e-7


def polynomial(rows: torch.Tensor, columns: torch.Tensor, degree: int) -> torch.Tensor:
    ramp = 0.3 * columns - 0.2 * rows + 1.0
    return (ramp if degree == 1 else ramp + 0.05 * columns**2 - 0.03 * columns * rows + 0.02 * rows**2)[None, None]


@pytest.mark.parametrize(("warp", "degree"), [(bilinear, 1), (catmull_rom, 1), (catmull_rom, 2)])
def test_ramps_are_moved_exactly(warp, degree: int) -> None:
    dx, dy = 1.375, -0.625
    moved = warp(polynomial(ROWS, COLUMNS, degree), constant_flow(dx, dy)[:1])
    wanted = polynomial(ROWS + dy, COLUMNS + dx, degree)
    assert (moved - wanted)[:, :, 3:-3, 3:-4].abs().max() < 1e-5


def keys_kernel(x: np.ndarray) -> np.ndarray:
    """The cubic convolution kernel as published (Keys 1981, a = -0.5), a function of distance."""
    x = np.abs(x)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def test_catmull_rom_is_cubic_convolution() -> None:
    flow = RANDOM.normal(0, 2, (2, H, W)).astype(np.float32)
    moved = catmull_rom(IMAGE[:1], torch.from_numpy(flow)[None])[0].numpy()
    border = 12
    framed = np.pad(IMAGE[0].numpy().astype(float), ((0, 0), (border, border), (border, border)), mode="edge")
    for row in range(H):
        for column in range(W):
            x, y = column + flow[0, row, column], row + flow[1, row, column]
            across = keys_kernel(np.arange(-border, W + border) - x)
            down = keys_kernel(np.arange(-border, H + border) - y)
            assert np.allclose(moved[:, row, column], np.einsum("crx,x,r->c", framed, across, down), atol=1e-5)


def test_bilinear_is_what_torch_samples() -> None:
    flow = torch.from_numpy(RANDOM.normal(0, 3, (2, 2, H, W)).astype(np.float32))
    x, y = (COLUMNS + flow[:, 0] + 0.5) * 2 / W - 1, (ROWS + flow[:, 1] + 0.5) * 2 / H - 1
    wanted = torch.nn.functional.grid_sample(
        IMAGE, torch.stack([x, y], -1), mode="bilinear", padding_mode="border", align_corners=False
    )
    assert (bilinear(IMAGE, flow) - wanted).abs().max() < 1e-5


def test_flow_far_outside_is_harmless() -> None:
    flow = torch.tensor([1e9, -1e30]).view(1, 2, 1, 1).expand(2, 2, H, W)
    corner = IMAGE[:, :, :1, -1:].expand_as(IMAGE)
    assert torch.equal(catmull_rom(IMAGE, flow), corner)


def test_half_flow_is_that_of_the_upper_left_pixels() -> None:
    flow = torch.arange(2.0 * 3 * 5).view(1, 2, 3, 5)
    assert half_flow(flow)[0, 0].tolist() == [[0, 1, 2], [5, 6, 7]]


NOWHERE = torch.zeros(2, 1, H, W)
STATE = torch.from_numpy(RANDOM.random((2, 8, (H + 1) // 2, (W + 1) // 2), np.float32))


def test_state_moves_with_the_picture() -> None:
    carried = reproject(IMAGE, STATE, constant_flow(4, -2), (NOWHERE, NOWHERE))
    assert torch.equal(carried.change[:, :, 2:, :-4], IMAGE[:, :, :-2, 4:])
    assert torch.equal(carried.hidden[:, :, 1:, :-2], STATE[:, :, :-1, 2:])
    assert carried.kept.min() == 1


def test_where_no_edge_was_or_one_is_the_picture_is_moved_by_the_cubic() -> None:
    flow = constant_flow(1.3, -0.6)
    for edges in ((NOWHERE, NOWHERE), (NOWHERE + 1, NOWHERE + 1), (NOWHERE, NOWHERE + 1)):
        assert torch.equal(reproject(IMAGE, STATE, flow, edges).change, catmull_rom(IMAGE, flow))


@pytest.mark.parametrize("dx", [0.25, 0.5, 0.75])
def test_no_change_is_taken_from_what_was_on_an_edge(dx: float) -> None:
    """A wall of 0.2, something of 0.9 to the left of column 8, a mixture in column 8; the wall comes into sight."""
    picture = torch.full((2, 3, H, W), 0.2)
    picture[..., :8], picture[..., 8] = 0.9, 0.6
    before = NOWHERE.clone()
    before[..., 7:9] = 1.0
    carried = reproject(picture, STATE, constant_flow(dx, 0.0), (before, NOWHERE))
    assert carried.kept[..., 7].max() == 0, "between the edge's two pixels nothing is left"
    assert carried.kept[..., 8:].min() == 1
    torch.testing.assert_close(carried.change[..., 8:], torch.full_like(carried.change[..., 8:], 0.2))
    torch.testing.assert_close(carried.change[..., :7], torch.full_like(carried.change[..., :7], 0.9))
    on_edge = reproject(picture, STATE, constant_flow(dx, 0.0), (before, NOWHERE + 1)).change
    assert torch.equal(on_edge, catmull_rom(picture, constant_flow(dx, 0.0))), "an edge keeps its mixture"


@pytest.mark.parametrize(("dx", "kept"), [(0.002, 1), (0.0005, 0)])
def test_a_thousandth_of_a_sample_is_enough(dx: float, kept: int) -> None:
    before = NOWHERE.clone()
    before[..., 8] = 1.0
    carried = reproject(IMAGE, STATE, constant_flow(dx, 0.0), (before, NOWHERE))
    assert (carried.kept[..., 8] == kept).all()
    if kept:
        torch.testing.assert_close(carried.change[..., 8], IMAGE[..., 9])


def test_gradients_reach_what_is_remembered() -> None:
    image = IMAGE.clone().requires_grad_()
    catmull_rom(image, constant_flow(0.5, 0.25)).sum().backward()
    assert image.grad.abs().max() > 0
    assert abs(float(image.grad.sum()) - image.numel()) < 1e-2
