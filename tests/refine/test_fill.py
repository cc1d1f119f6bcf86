"""What was uncovered a moment ago borrows from its own surface, and from nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from diorama.refine.fill import lend, surfaces
from diorama.refine.guides import GUIDE_CHANNELS, GUIDE_PLACES, encode
from diorama.refine.network import OLD, RefinerNetwork, filled

HEIGHT, WIDTH = 32, 64
STRIP = slice(24, 40)
"""The columns of the strip that was uncovered; two pixels share an age."""

HEAD = torch.zeros(1, 1, HEIGHT, WIDTH)
KNOWN, NOISE = 0.3, -0.2


def wall(*, slope: float = 0.0) -> torch.Tensor:
    """The guides of a plane that fills the picture, whose depth grows from 2 m on to the right."""
    guides = torch.zeros(1, GUIDE_CHANNELS, HEIGHT, WIDTH)
    guides[:, GUIDE_PLACES["normal"].start + 2] = 1.0
    over_depth = 0.5 - slope * torch.arange(WIDTH)
    guides[:, GUIDE_PLACES["inverse_depth"]] = over_depth / (1.0 + over_depth)
    return guides


def uncovered() -> tuple[torch.Tensor, torch.Tensor]:
    """A change that is known for long but in the strip, where one frame said something else; and its age."""
    change = torch.full((1, 3, HEIGHT, WIDTH), KNOWN)
    change[..., STRIP] = NOISE
    age = torch.ones(1, 1, HEIGHT // 2, WIDTH // 2)
    age[..., STRIP.start // 2 : STRIP.stop // 2] = 1.0 / OLD
    return change, age


@pytest.mark.parametrize("slope", [0.0, 0.004, 0.007])
def test_a_plane_lends_what_it_knows_however_it_slants(slope: float) -> None:
    change = filled(*uncovered(), HEAD, wall(slope=slope))
    inside = change[..., 4:-4, STRIP]
    assert inside.min() > KNOWN - 0.2 * (KNOWN - NOISE)
    torch.testing.assert_close(change[..., : STRIP.start], torch.full((1, 3, HEIGHT, STRIP.start), KNOWN))


@pytest.mark.parametrize("what", ["turned", "behind", "in the sun"])
def test_another_surface_or_light_lends_nothing(what: str) -> None:
    guides = wall()
    if what == "in the sun":
        guides[:, GUIDE_PLACES["color"]] = torch.from_numpy(encode(np.full((HEIGHT, WIDTH), 0.1)))
        guides[:, GUIDE_PLACES["color"], :, STRIP] = float(encode(np.array(0.5)))
    elif what == "turned":
        guides[:, GUIDE_PLACES["normal"], :, STRIP] = torch.tensor([1.0, 0.0, 0.0])[:, None, None]
    else:
        guides[:, GUIDE_PLACES["inverse_depth"], :, STRIP] *= 0.7
    given, age = uncovered()
    torch.testing.assert_close(filled(given, age, HEAD, guides), given, atol=2e-3, rtol=0.0)


def test_a_pattern_is_lit_alike_whatever_its_colours() -> None:
    """Light is compared without the albedo, and linear: twice as bright is not twice as lit."""
    guides = wall()
    for columns, light, albedo in ((slice(None), 0.05, 0.1), (slice(0, None, 4), 0.45, 0.9)):
        guides[:, GUIDE_PLACES["color"], :, columns] = float(encode(np.array(light)))
        guides[:, GUIDE_PLACES["albedo"], :, columns] = albedo
    lit = surfaces(guides)[0, 4, 0]
    assert float(lit[1]) == pytest.approx(np.log((0.05 + 0.01) / (0.1 + 0.01)), abs=1e-4)
    assert float(lit[0]) == pytest.approx(np.log((0.45 + 0.01) / (0.9 + 0.01)), abs=1e-4)
    change = filled(*uncovered(), HEAD, guides)
    assert change[..., 4:-4, STRIP].min() > KNOWN - 0.25 * (KNOWN - NOISE)


@pytest.mark.parametrize(("away", "lent"), [(13, True), (14, False)])
def test_what_is_known_reaches_26_pixels_far(away: int, lent: bool) -> None:
    """Column 0 of half resolution is known for long, all others for one frame; taps lie 1, 3 and 9 of these apart."""
    change, age = torch.full((1, 3, HEIGHT, WIDTH), NOISE), torch.full((1, 1, HEIGHT // 2, WIDTH // 2), 1.0 / OLD)
    change[..., :2], age[..., :1] = KNOWN, 1.0
    filled_in = filled(change, age, HEAD, wall())[..., 2 * away : 2 * away + 2]
    assert bool((filled_in > NOISE + 1e-3).all()) == lent


def test_trust_grows_with_the_cube_of_the_age() -> None:
    change, age = torch.full((1, 3, HEIGHT, WIDTH), KNOWN), torch.ones(1, 1, HEIGHT // 2, WIDTH // 2)
    age[..., 16] = 1.0 / OLD
    odds = lend(change, age, surfaces(wall()))[1]
    assert float(odds[0, 0, HEIGHT // 2, 32]) == pytest.approx(3.0 * np.log(OLD), abs=0.5)


def test_what_is_old_stays_as_it_is() -> None:
    random = torch.Generator().manual_seed(1)
    given = torch.rand(1, 3, HEIGHT, WIDTH, generator=random)
    assert torch.equal(filled(given, torch.ones(1, 1, HEIGHT // 2, WIDTH // 2), HEAD, wall()), given)


def test_the_head_says_how_much() -> None:
    given, age = uncovered()
    change = filled(given, age, HEAD - 50.0, wall())
    torch.testing.assert_close(change, given, atol=1e-6, rtol=0.0)
    change = filled(given, age, HEAD + 50.0, wall())
    expected = NOISE + (1.0 - 1.0 / OLD) * (KNOWN - NOISE)
    assert change[0, :, 16, 32].min() == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("first", [24, 25])
@pytest.mark.parametrize("turned", [False, True])
def test_a_strip_borrows_up_to_its_borders_wherever_they_lie(first: int, turned: bool) -> None:
    """Pixels share an age with their neighbours; none of the strip's may pass for old by that."""
    network = RefinerNetwork()
    side = 64
    guides = torch.zeros(1, GUIDE_CHANNELS, side, side)
    guides[:, GUIDE_PLACES["normal"].start + 2] = 1.0
    guides[:, GUIDE_PLACES["inverse_depth"]] = 0.3
    guides[:, GUIDE_PLACES["color"]], guides[:, GUIDE_PLACES["shadowed"]] = 0.5, 0.5 - 0.4
    validity = torch.ones(1, 1, side, side)
    (validity.mT if turned else validity)[..., first : first + 15] = 0.0
    hidden = torch.zeros(1, network.tier.hidden, side // 2, side // 2)
    hidden[:, 0] = 1.0
    with torch.no_grad():
        output = network.step(guides, torch.full((1, 3, side, side), -0.1), validity, hidden)[0]
    change = output - 0.5
    assert change[validity.expand_as(change) == 0].min() > -0.2
