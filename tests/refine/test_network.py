"""The network's promises: identity before training, bounded changes, history only where it is valid."""

import numpy as np
import pytest
import torch
from refine.random_refiner import HISTORY_BIAS, random_network

from diorama.refine.guides import ENCODED_MAX, GUIDE_CHANNELS, GUIDE_PLACES
from diorama.refine.network import GAIN_MAX, OLD, RELIEF_SIZES, RESIDUAL_MAX, TIERS, RefinerNetwork, compose, relief

SIZES = [(1, 1), (1, 9), (7, 2), (8, 8), (16, 24), (33, 50)]


def given(height: int, width: int, *, hidden: int = 8, seed: int = 0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(GUIDE_CHANNELS, height, width), (3, height, width), (1, height, width)]
    planes = [torch.rand(1, *shape, generator=generator) for shape in shapes]
    state = torch.rand(1, hidden, (height + 1) // 2, (width + 1) // 2, generator=generator)
    return [planes[0], planes[1], (planes[2] > 0.3).float(), state]


@pytest.mark.parametrize("tier", TIERS)
def test_before_training_the_change_is_a_mean_over_time(tier: str) -> None:
    network = random_network(1, strength=0.0, tier=TIERS[tier])
    guides, change, valid, hidden = given(24, 16, hidden=TIERS[tier].hidden)
    hidden[:, 0] = 3 / OLD
    valid = valid[:, :, ::2, ::2].repeat_interleave(2, 2).repeat_interleave(2, 3)
    with torch.no_grad():
        output, hidden = network(guides, 0.1 * change, valid, hidden)
    color, shadowed = (guides[:, GUIDE_PLACES[name]] for name in ("color", "shadowed"))
    mean = torch.where(valid > 0, (3 * 0.1 * change + shadowed - color) / 4, shadowed - color)
    assert (output - (color + mean).clamp(min=0.0)).abs().max() < 1.5 / 255
    assert hidden.std() > 0.05, "what is remembered says something from the start"


def test_tiny_is_tiny() -> None:
    assert sum(weight.numel() for weight in RefinerNetwork().parameters()) == 114747


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_any_size(height: int, width: int) -> None:
    network, values = random_network(), given(height, width)
    with torch.no_grad():
        output, hidden = network(*values)
        high, wide = height + -height % 8, width + -width % 8
        rows, columns = torch.arange(high).clamp(max=height - 1), torch.arange(wide).clamp(max=width - 1)
        half_rows = torch.arange(high // 2).clamp(max=(height + 1) // 2 - 1)
        half_columns = torch.arange(wide // 2).clamp(max=(width + 1) // 2 - 1)
        padded = [value[:, :, rows][..., columns] for value in values[:3]]
        wanted, memory = network.step(*padded, values[3][:, :, half_rows][..., half_columns])
    assert torch.equal(output, wanted[:, :, :height, :width])
    assert torch.equal(hidden, memory[:, :, : (height + 1) // 2, : (width + 1) // 2])


def test_history_is_ignored_where_it_is_not_valid() -> None:
    network, values, other = random_network(), given(24, 32), given(24, 32, seed=9)
    nowhere = torch.zeros_like(values[2])
    with torch.no_grad():
        cold = network(values[0], torch.zeros_like(values[1]), nowhere, torch.zeros_like(values[3]))
        for history in (values, other):
            invalid = network(values[0], history[1], nowhere, history[3])
            assert all(torch.equal(one, two) for one, two in zip(cold, invalid, strict=True))
        valid = network(values[0], values[1], torch.ones_like(nowhere), values[3])
    assert (valid[0] - cold[0]).abs().mean() > 0.05


def heads(height: int = 6, width: int = 7, **channels: float) -> torch.Tensor:
    raw = torch.zeros(1, 16, height, width)
    raw[:, 15] = -50.0
    for name, value in channels.items():
        raw[:, int(name[1:])] = value
    return raw


COLOR, PREVIOUS, NO_HISTORY = given(6, 7)[0][:, :3], given(6, 7, seed=4)[1], torch.zeros(1, 1, 6, 7)
CHANGE = PREVIOUS - COLOR
EVERYWHERE = AGE = torch.ones_like(NO_HISTORY)


@pytest.mark.parametrize("tap", range(9))
def test_the_kernel_reaches_each_neighbour(tap: int) -> None:
    output = compose(COLOR, COLOR, CHANGE, NO_HISTORY, AGE, heads(**{f"k{tap}": 20.0}))
    row, column = tap // 3 - 1, tap % 3 - 1
    framed = np.pad(COLOR[0].numpy(), ((0, 0), (1, 1), (1, 1)), mode="edge")
    wanted = framed[:, 1 + row : 7 + row, 1 + column : 8 + column]
    assert np.abs(output[0].numpy() - wanted).max() < 1e-5


def test_the_kernel_is_a_mean() -> None:
    output = compose(COLOR, COLOR, CHANGE, NO_HISTORY, AGE, heads())
    framed = np.pad(COLOR[0].numpy(), ((0, 0), (1, 1), (1, 1)), mode="edge")
    mean = sum(framed[:, y : y + 6, x : x + 7] for y in range(3) for x in range(3)) / 9
    assert np.abs(output[0].numpy() - mean).max() < 1e-6


def test_gain_and_residual_are_bounded() -> None:
    plain = torch.full((1, 3, 6, 7), 0.3)
    brighter = compose(COLOR, plain, CHANGE, NO_HISTORY, AGE, heads(g9=50.0, g10=-50.0, g11=0.5))[0, :, 3, 3]
    assert brighter.tolist() == pytest.approx(
        [0.3 * np.exp(GAIN_MAX), 0.3 * np.exp(-GAIN_MAX), 0.3 * np.exp(2 * np.tanh(0.5))]
    )
    added = compose(COLOR, plain, CHANGE, NO_HISTORY, AGE, heads(r12=50.0, r13=-50.0, r14=0.5))[0, :, 3, 3]
    assert added.tolist() == pytest.approx([0.3 + RESIDUAL_MAX, 0.3 - RESIDUAL_MAX, 0.3 + 0.2 * np.tanh(0.5)])
    assert compose(COLOR, plain * 0, CHANGE, NO_HISTORY, AGE, heads(r12=-50.0)).min() == 0.0
    assert compose(COLOR, plain * 100, CHANGE, NO_HISTORY, AGE, heads()).max() == pytest.approx(ENCODED_MAX)


def test_history_is_blended_in() -> None:
    assert torch.allclose(compose(COLOR, COLOR, CHANGE, EVERYWHERE, AGE, heads(a15=50.0)), PREVIOUS, atol=1e-6)
    alone = compose(COLOR, COLOR, CHANGE, NO_HISTORY, AGE, heads(k4=20.0, a15=50.0))
    assert torch.allclose(alone, COLOR, atol=1e-5), "without valid history the frame stands alone"
    half = compose(COLOR, COLOR, CHANGE, EVERYWHERE, AGE, heads(k4=20.0, a15=0.0))
    assert torch.allclose(half, (COLOR + PREVIOUS) / 2, atol=1e-5)


@pytest.mark.parametrize(("age", "weight"), [(0.0, 1), (1.0, 1), (3.0, 3), (8.0, 8), (20.0, 8)])
def test_a_history_of_many_frames_counts_for_as_many(age: float, weight: int) -> None:
    output = compose(COLOR, COLOR, CHANGE, EVERYWHERE, age * AGE, heads(k4=20.0, a15=0.0))
    assert torch.allclose(output, (COLOR + weight * PREVIOUS) / (1 + weight), atol=1e-5)


def test_it_counts_the_frames_that_a_point_was_in_sight() -> None:
    network, values = random_network(), given(8, 8)
    valid, hidden = torch.ones(1, 1, 8, 8), torch.zeros(1, 8, 4, 4)
    valid[..., :4] = 0.0
    counts = []
    with torch.no_grad():
        for time in range(10):
            _, hidden = network(values[0], values[1], valid * float(time > 0), hidden)
            counts.append([float(count) * OLD for count in (hidden[0, 0, 1, 0], hidden[0, 0, 1, 3])])
    assert counts == [[1, min(time, 8)] for time in range(1, 11)]


def test_every_weight_is_trained() -> None:
    network, values = random_network(), given(24, 16)
    output, hidden = network(*values)
    again, _ = network(values[0], output - values[0][:, :3], values[2], hidden)
    again.square().sum().backward()
    assert [name for name, weight in network.named_parameters() if not weight.grad.abs().max() > 0] == []
    assert network.heads.bias.grad[HISTORY_BIAS].abs().min() > 0


def test_relief_is_depth_less_its_own_blur() -> None:
    depth = np.random.default_rng(2).uniform(1, 30, (20, 24))
    found = relief(torch.from_numpy(1 / (1 + depth)).float()[None, None])[0].numpy()
    for plane, size in zip(found, RELIEF_SIZES, strict=True):
        reach, logarithm = size // 2, np.log(depth)
        for y, x in ((0, 0), (9, 11), (19, 3)):
            around = logarithm[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
            assert plane[y, x] == pytest.approx(np.tanh(16 * (logarithm[y, x] - around.mean())), abs=1e-4)


def test_relief_does_not_know_the_scale_and_bears_the_sky() -> None:
    depth = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(3)) * 5 + 2
    near, far = relief(1 / (1 + depth)), relief(1 / (1 + 3 * depth))
    assert (near - far).abs().max() < 1e-3
    sky = 1 / (1 + depth)
    sky[..., :8, :] = 0.0
    assert torch.isfinite(relief(sky)).all()
    assert (relief(sky)[..., 7, :] > 0.9).all(), "the sky lies far behind what is next to it"
